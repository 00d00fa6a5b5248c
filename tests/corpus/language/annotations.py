from typing import Annotated, Callable, Generic, Literal, NamedTuple, Optional, Protocol, TypedDict, TypeVar, Union

type Pair[T] = tuple[T, T]
type Names = list[str]
Number = Union[int, float]
T = TypeVar("T")


class Movie(TypedDict, total=False):
    title: str
    year: int


class Point(NamedTuple):
    x: int
    y: int = 0


class HasArea(Protocol):
    def area(self) -> float: ...


class Stack(Generic[T]):
    def __init__(self) -> None:
        self.items: list[T] = []

    def push(self, item: T) -> "Stack[T]":
        self.items.append(item)
        return self


class Box[K: (int, str)]:
    content: Optional[K] = None


def largest[V: (int, float)](values: list[V], key: Callable[[V], Number] | None = None) -> V | None:
    best: V | None = None
    for value in values:
        if best is None or (key or float)(value) > (key or float)(best):
            best = value
    return best


mode: Literal["r", "w"] = "r"
limit_: Annotated[int, "positive"]
movie: Movie = {"title": "Alien", "year": 1979}
[largest([3, 9, 2]), largest([3, 9, 2], key=lambda v: -v), list(Point(1)), Stack[int]().push(1).push(2).items, movie["year"], mode, Box[int]().content, Pair.__name__]
