import dataclasses
from dataclasses import KW_ONLY, InitVar, asdict, astuple, dataclass, field, make_dataclass, replace


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float = 0.0

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


@dataclass(kw_only=True)
class Job:
    name: str
    priority: int = field(default=1, compare=False, metadata={"unit": "level"})
    steps: list[str] = field(default_factory=list, repr=False)
    scale: InitVar[int] = 1
    _done: bool = False

    def __post_init__(self, scale):
        self.priority *= scale


Pair = make_dataclass("Pair", [("left", int), ("right", int, field(default=2))], namespace={"total": lambda self: self.left + self.right})
try:
    Point(1).x = 5
except dataclasses.FrozenInstanceError as error:
    frozen = str(error)
job = Job(name="a", scale=3)
[repr(Point(1) + Point(2, 3)), frozen, repr(job), asdict(job), Job(name="a") == job, repr(replace(Point(1, 2), y=9)), Pair(1).total(), repr(Pair(4, 5)), list(astuple(Point(1, 2))), dataclasses.is_dataclass(Pair), dataclasses.fields(Job)[1].metadata["unit"], hash(Point(1)) == hash(Point(1)), sorted([Pair(2), Pair(1)], key=lambda p: p.left)[0].left]
