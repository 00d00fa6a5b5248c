from enum import Enum


class Level(Enum):
    LOW = 1
    HIGH = 2


def kind(value):
    match value:
        case bool():
            return "bool"
        case int(n) if n < 0:
            return "negative"
        case int() | float():
            return "number"
        case str(s) if s.isupper():
            return "shout"
        case str():
            return "text"
        case Level.HIGH:
            return "high"
        case Level(value=1):
            return "low"
        case []:
            return "empty"
        case [x]:
            return f"one {x}"
        case [x, y]:
            return f"two {x} {y}"
        case [first, *_, last]:
            return f"many {first}..{last}"
        case {"error": {"code": 404 | 410 as code}}:
            return f"gone {code}"
        case {}:
            return "map"
        case (1.5 | 2.5) as ratio:
            return ratio
        case type():
            return "class"
        case None:
            return "none"
        case other:
            return repr(other)


[kind(v) for v in (True, -1, 2.0, "LOUD", "soft", Level.HIGH, Level.LOW, [], [1], (1, 2), [1, 2, 3, 4], {"error": {"code": 410}}, {"a": 1}, int, None, 1j, b"x", {1})]
