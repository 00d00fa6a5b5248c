data = bytearray(b"isthmus")
view = memoryview(data)
view[0] = ord("I")
packed = bytes([1, 2, 255])
text_ = "naïve café"
encoded = text_.encode("utf-8")
[data.decode(), view[1:3].tobytes().decode(), packed.hex(" "), list(packed), len(encoded), len(text_), encoded[:4].decode(), len(b"a,b".split(b",")), b"abc".replace(b"b", b"x").decode(), int.from_bytes(packed, "big"), bytes.fromhex("6869").decode(), b"%d-%s" % (1, b"x") == b"1-x", bytes(3).hex(), bytearray(b"ab") + b"c" == b"abc", "é".encode("latin-1").hex(), "x".encode("utf-16-le").hex(), b"\xef\xbb\xbfbom".decode("utf-8-sig"), b"\x80".decode("cp1252")]
