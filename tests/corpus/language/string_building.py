parts = []
for n in range(1, 6):
    parts.append(f"{n}{'st' if n == 1 else 'nd' if n == 2 else 'rd' if n == 3 else 'th'}")
sentence = ", ".join(parts[:-1]) + " and " + parts[-1]
line = ""
for word in text.split():
    if len(line) + len(word) > 20:
        print(line)
        line = ""
    line += (" " if line else "") + word
print(line)
template = "{greeting}, {name}! You have {n} message{s}."
rendered = [template.format(greeting="Hi", name=name, n=n, s="" if n == 1 else "s") for name, n in [("Ada", 1), ("Bob", 3)]]
report = "{:<6}|{:>6}".format
print(*[report(k, v) for k, v in {"a": 1, "bb": 22}.items()], sep="\n", end="\n--\n")
print("x", 1, None, [1], sep="-")
[sentence, rendered, "".join(map(chr, range(97, 102))), "=" * 5, str.join("+", "abc"), "{0}{1}{0}".format("a", "b"), "%d%%" % 5]
