def pair():
    return 1, [2, (3, 4)]


def total(*numbers, scale=1, **named):
    return sum(numbers) * scale + sum(named.values())


a, (b, (c, d)) = pair()
*start, end = "abc"
(e,) = [5]
[f, *_, g] = range(6)
for key, (low, high) in {"x": (1, 2), "y": (3, 4)}.items():
    a += low * high
numbers, options = [1, 2], {"scale": 2}
[a, b, c, d, start, end, e, f, g, total(*numbers, *range(3), **options, extra=5), [*{1: 2}, *(3,)], {**{"a": 1}, **dict(b=2)}, (lambda x, /, y, *, z: [x, y, z])(1, y=2, z=3)]
