a, b = {1, 2, 3}, {3, 4}
frozen = frozenset("hello")
point = (1, 2)
x, y = y, x = point
nested = ((1, 2), [3, (4, 5)])
(p, q), [r, (s, t)] = nested
a.add(9)
a.discard(100)
a -= {9}
try:
    a.remove(77)
except KeyError as error:
    removed = error.args[0]
lookup = {(0, 0): "origin", (1, 2): "here"}
[sorted(a | b), sorted(a & b), sorted(a - b), sorted(a ^ b), a <= {1, 2, 3, 4}, a.isdisjoint({7}), sorted(frozen), lookup[point], [x, y], [p, q, r, s, t], removed, len({1, True, 1.0}), sorted({*"ab", *"bc"}), (1,) * 3 == (1, 1, 1), point.count(1), point.index(2), sorted([(2, "b"), (1, "z"), (2, "a")])[1][1], (1, 2) < (1, 3), hash((1, 2)) == hash((1, 2)), sorted({frozenset({1}), frozenset({1})}, key=len)[0] == {1}]
