def build(depth):
    def level(n):
        if n == 0:
            return lambda: "bottom"
        below = level(n - 1)
        return lambda: f"{n}>{below()}"
    return level(depth)


def accumulator():
    values = []

    def add(value, *, reset=False):
        nonlocal values
        if reset:
            values = []
        values = [*values, value]
        return sum(values)

    add.values = lambda: values
    return add


def pipeline(*steps):
    def run(value):
        for step in steps:
            value = step(value)
        return value
    return run


add = accumulator()
first = [add(1), add(2), add(5, reset=True)]
[build(3)(), first, add.values(), pipeline(str.split, len, range, list)("a b c"), (lambda n: (lambda m: n * m))(3)(4), build.__name__, add.__qualname__]
