import struct
from array import array

header = struct.pack(">HIf4s", 1, 65536, 2.5, b"abcd")
version, size, ratio, tag = struct.unpack(">HIf4s", header)
numbers = array("d", [1.5, 2.5])
numbers.append(4)
numbers.extend([1])
integers = array("i", range(5))
integers[1:3] = array("i", [9])
[header.hex(), version, size, ratio, tag.decode(), struct.calcsize("<qh"), [list(t) for t in struct.iter_unpack("<h", b"\x01\x00\x02\x00")], sum(numbers), numbers.typecode, integers.tolist(), integers.itemsize, array("B", b"ab").tobytes().decode(), repr(array("b", [1])), integers.index(9)]
