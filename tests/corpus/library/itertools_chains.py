import itertools as it
from itertools import chain, groupby, islice

rows = sorted(orders, key=lambda o: o["customer"])
grouped = {key: [o["id"] for o in group] for key, group in groupby(rows, key=lambda o: o["customer"])}
[
    grouped, list(islice(it.count(10, 5), 3)), list(chain.from_iterable([[1], [2, 3]])), [list(p) for p in it.permutations("ab")], [list(c) for c in it.combinations([1, 2, 3], 2)],
    [list(p) for p in it.product([0, 1], repeat=2)], list(it.accumulate([1, 2, 3, 4])), list(it.accumulate([3, 1, 4], max)), list(it.takewhile(lambda x: x < 3, [1, 2, 3, 1])), list(it.dropwhile(lambda x: x < 3, [1, 2, 3, 1])),
    [list(z) for z in it.zip_longest("ab", "c", fillvalue="-")], [list(b) for b in it.batched("abcde", 2)], [list(p) for p in it.pairwise([1, 2, 3])], list(it.starmap(pow, [(2, 3), (3, 2)])), list(islice(it.cycle("xy"), 5)),
    list(it.filterfalse(None, [0, 1, 2, ""])), list(it.compress("abc", [1, 0, 1])), list(it.repeat(7, 2)), [list(t) for t in it.tee(iter([1, 2]))],
]
