def describe(first, /, second=2, *rest, key="k", **options):
    return [first, second, list(rest), key, options]


def only_kw(*, a, b=1):
    return a + b


args, kwargs = (1, 2, 3), {"key": "z", "extra": True}
head, *middle, tail = range(5)
(a, b), [c, *d] = (1, 2), "xyz"
first, (second, *third) = 1, (2, 3, 4)
try:
    describe()
except TypeError as error:
    message = str(error)
[
    describe(1), describe(*args, **kwargs), describe(1, *[2], *(3, 4), **{"q": 1}, r=2), only_kw(a=1), only_kw(**{"a": 1, "b": 5}),
    head, middle, tail, a + b, c, d, third, [*args, *"ab"], {**kwargs, "key": "new"}, message, list(map(lambda *p: sum(p), [1, 2], [3, 4])),
]
