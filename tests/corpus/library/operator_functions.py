import operator
from operator import attrgetter, itemgetter, methodcaller


class Row:
    def __init__(self, name, size):
        self.name = name
        self.size = size
        self.owner = type("Owner", (), {"id": size * 10})()


rows = [Row("b", 2), Row("a", 3), Row("c", 1)]
[
    [r.name for r in sorted(rows, key=attrgetter("size"))], attrgetter("owner.id")(rows[0]), list(attrgetter("name", "size")(rows[1])), [o["id"] for o in sorted(orders, key=itemgetter("price", "id"))],
    methodcaller("replace", "a", "b")("banana"), operator.add(2, 3), operator.contains([1, 2], 2), list(map(operator.mul, [1, 2], [3, 4])), operator.itemgetter(1, -1)("abc") == ("b", "c"), operator.truediv(1, 4), operator.index(7), operator.not_(0), operator.iadd([1], [2]),
]
