def flatten(value, prefix=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flatten(inner, f"{prefix}.{key}" if prefix else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from flatten(inner, f"{prefix}[{index}]")
    else:
        yield prefix, value


def permutations(items):
    if not items:
        return [[]]
    return [[x, *rest] for i, x in enumerate(items) for rest in permutations(items[:i] + items[i + 1:])]


def hanoi(n, a="A", b="B", c="C"):
    return 0 if n == 0 else hanoi(n - 1, a, c, b) + 1 + hanoi(n - 1, c, b, a)


def deep(n):
    return deep(n + 1)


try:
    deep(0)
except RecursionError as error:
    reached = "maximum recursion depth" in str(error)
[dict(flatten({"a": {"b": [1, {"c": 2}]}, "d": None})), len(permutations([1, 2, 3, 4])), permutations("ab"), hanoi(8), reached]
