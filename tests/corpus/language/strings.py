s = "The quick brown fox"
multi = """line one
  line two\tend"""
raw = r"\d+\n"
joined = "con" "cat" f"{1 + 1}" 'x'
[
    s.split()[1], s.replace("quick", "slow"), s.find("fox"), s.count("o"), s.index("q"), s.upper().lower().title(), s[::5], " ".join(reversed(s.split())), multi.splitlines()[1].strip(), raw, joined, "a,b,,c".split(","), "x=1;y=2".replace(";", "&"),
    "%s-%r-%05.1f-%x" % ("a", "b", 3.14159, 255), "{:>8}|{:<8}|{:^8}|{:*^9}".format("r", "l", "c", "m"), "abc".rjust(5, "."), "  pad ".rstrip(), "1,234".replace(",", "").isdigit(), "Straße".upper(), "é" == "\u00e9",
    "ab" * 2, "caf\u00e9".encode("utf-8").decode("utf-8"), b"bytes\x00".hex(), "a-b_c".replace("-", "_").split("_"), ord("a"), chr(8364), "Hello"[1:-1], "x".join("abc"), "sPaM".swapcase(), "42".zfill(5), "no" in "know", "abc".endswith(("c", "d")), "a1b2".isalnum(), "".join(c for c in "h3ll0" if c.isalpha()), ascii("é"), repr("it's"), str(b"x"), "{!r}".format("q"), "{0:{1}}".format(3.14159, ".2f")]
