import functools
from functools import cache, cached_property, lru_cache, partial, partialmethod, reduce, singledispatch, total_ordering


@singledispatch
def show(value):
    return f"object {value}"


@show.register
def _(value: int):
    return f"int {value}"


@show.register(list)
def _(value):
    return f"list of {len(value)}: {show(value[0])}"


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@lru_cache(maxsize=2)
def square(n):
    return n * n


@total_ordering
class Version:
    def __init__(self, text):
        self.parts = tuple(map(int, text.split(".")))

    def __eq__(self, other):
        return self.parts == other.parts

    def __lt__(self, other):
        return self.parts < other.parts

    @cached_property
    def major(self):
        return self.parts[0]

    def at_least(self, other, offset=0):
        return self >= Version(other)

    modern = partialmethod(at_least, "3.0")


def outer():
    "the doc"


def inner():
    pass


functools.update_wrapper(inner, outer)
for n in (1, 2, 1, 3, 1):
    square(n)
[
    show(1), show("a"), show([2, 3]), fib(50), fib.cache_info().currsize, square.cache_info().hits, Version("3.10") > Version("3.9"), Version("2.7").modern(), Version("3.1").major,
    reduce(lambda a, b: a * b, [1, 2, 3, 4], 10), partial(int, base=2)("101"), inner.__name__, inner.__doc__, inner.__name__ == outer.__name__, sorted([3, 1, 2], key=functools.cmp_to_key(lambda a, b: b - a)),
]
