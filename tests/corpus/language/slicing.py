items = list(range(10))
text_ = "isthmus"
copy = items[:]
copy[2:5] = ["x"]
copy[::2] = [0] * len(copy[::2])
matrix = [[1, 2], [3, 4]]
(first, *_), last = matrix
items[8:] += [80, 90]
del items[1::3]
b = bytearray(b"hello")
b[1:3] = b"EYY"
[items, copy, text_[::-1], text_[-3:], text_[slice(1, 4)], first, last, b.decode(), [1, 2, 3] * 2, [[0] * 2 for _ in range(2)], "abc" < "abd", (1, 2) + (3,) == (1, 2, 3), list(memoryview(b"abc")[1:]), [*"ab", *[1]], items.index(90), items[-1:], range(10)[2:5][0]]
