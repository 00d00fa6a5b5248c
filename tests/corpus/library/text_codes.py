import unicodedata

[unicodedata.normalize("NFKD", "Ünïcödé ﬁ").encode("ascii", "ignore").decode(), unicodedata.name("é"), unicodedata.category("A"), unicodedata.lookup("GREEK SMALL LETTER ALPHA"), unicodedata.numeric("½"), "ﬁ".isidentifier(), "日本".encode("utf-16-le").hex(), "caf\u00e9" == unicodedata.normalize("NFC", "cafe\u0301"), b"\xff".decode("utf-8", "replace"), "naïve".encode("latin-1").hex(), "x\u200b".isprintable(), ord("😀"), "😀".encode("unicode_escape").decode(), "ǅ".lower(), len("👨‍👩‍👧")]
