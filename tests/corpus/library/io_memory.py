import csv
import io

lines = io.StringIO("name,qty\nMug,2\n\"Tea, green\",10\n")
rows = list(csv.DictReader(lines))
out = io.StringIO()
writer = csv.DictWriter(out, fieldnames=["name", "qty"], lineterminator="\n")
writer.writeheader()
writer.writerows({"name": r["name"].upper(), "qty": int(r["qty"]) * 2} for r in rows)
plain = io.StringIO()
csv.writer(plain, delimiter=";", quoting=csv.QUOTE_ALL).writerow(["a", 1, None])
binary = io.BytesIO(b"\x00\x01\x02")
binary.seek(1)
print("into memory", file=plain)
reader = csv.reader(["a|b", "'c|d'|e"], delimiter="|", quotechar="'")
[rows, out.getvalue(), plain.getvalue(), list(binary.read()), [r for r in reader], io.StringIO("a\nb\n").readlines(), csv.Sniffer().sniff("a;b;c\n1;2;3\n").delimiter, io.BytesIO(b"xy").getbuffer().nbytes]
