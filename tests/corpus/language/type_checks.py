from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal


def kind(value):
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float, Decimal)):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "map of " + ",".join(sorted({kind(v) for v in value.values()}))
    if isinstance(value, Sequence):
        return "list of " + ",".join(sorted({kind(v) for v in value}))
    if callable(value):
        return "callable"
    return type(value).__name__


[kind(v) for v in (None, True, 1, 1.5, Decimal(1), "x", {"a": 1, "b": "c"}, [1, [2]], (1,), len, date(2026, 1, 1), {1, 2}, b"x", range(3), int)]
