from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, Final, Literal, NewType, Optional, Required, Self, TypedDict, Union, cast, get_args, get_origin, get_type_hints

UserId = NewType("UserId", int)


@dataclass
class Config:
    name: str
    retries: int = 3
    mode: Literal["fast", "safe"] = "fast"
    tags: list[str] | None = None
    kind: ClassVar[str] = "config"


class Options(TypedDict, total=False):
    depth: Required[int]
    label: str


def build(name: str, size: Optional[int] = None, *rest: Any) -> Union[Config, None]:
    return Config(name, size or 1)


class Chain:
    def step(self) -> Self:
        return self


MAX: Final = 10
hints = get_type_hints(build)
[
    sorted(get_type_hints(Config)), hints["name"] is str, get_args(hints["size"]) == (int, type(None)), get_origin(list[int]) is list, [a.__name__ for a in get_args(dict[str, int])], list(get_args(Literal["a", "b"])), UserId(5), cast(int, "x"),
    sorted(get_type_hints(Options)), [f.name for f in fields(Config) if f.type is int], isinstance(Chain().step(), Chain), get_type_hints(Chain.step)["return"] is Self, str(Optional[int]) in ("typing.Optional[int]", "int | None"), get_args(Annotated[int, "meta"])[1], MAX, isinstance(3, int | str), Options(depth=1),
]
