from functools import cmp_to_key
from operator import itemgetter

people = [("Ada", 36, "red"), ("bob", 25, "blue"), ("Cy", 36, "blue"), ("Dee", None, "red")]
by_age = sorted(people, key=lambda p: (p[1] is None, -(p[1] or 0), p[0].lower()))
natural = sorted(["v10", "v9", "v1.2"], key=lambda s: [int(p) for p in s[1:].split(".")])
ranked = sorted(range(5), key=[3, 1, 2, 1, 0].__getitem__)
stable = sorted(people, key=itemgetter(2))
custom = sorted([5, 2, 8, 1], key=cmp_to_key(lambda a, b: (a % 2 - b % 2) or (a - b)))
people.sort(key=lambda p: len(p[0]), reverse=True)
[[p[0] for p in by_age], natural, ranked, [p[0] for p in stable], custom, [p[0] for p in people], sorted({"b": 1, "a": 2}), sorted("hello", reverse=True), max(["aa", "b"], key=len), min({"x": 3, "y": 1}.items(), key=lambda kv: kv[1])[0]]
