type Json = dict[str, Json] | list[Json] | str | int | None
type Pair[A, B] = tuple[A, B]


class Stack[T]:
    def __init__(self) -> None:
        self._items: list[T] = []

    def push(self, item: T) -> "Stack[T]":
        self._items.append(item)
        return self

    def pop(self) -> T:
        return self._items.pop()


def first[T](items: list[T], default: T | None = None) -> T | None:
    return items[0] if items else default


def merge[K, V](*maps: dict[K, V]) -> dict[K, V]:
    result: dict[K, V] = {}
    for each in maps:
        result |= each
    return result


def depth(value: Json) -> int:
    match value:
        case dict():
            return 1 + max(map(depth, value.values()), default=0)
        case list():
            return 1 + max(map(depth, value), default=0)
        case _:
            return 0


[Stack[int]().push(1).push(2).pop(), first([]), first([3]), merge({"a": 1}, {"b": 2}), depth({"a": [1, {"b": []}]}), Json.__name__, str(Pair)]
