import enum
from enum import Enum, Flag, IntEnum, StrEnum, auto, unique


class Color(StrEnum):
    RED = auto()
    GREEN = auto()


class Level(IntEnum):
    LOW = 1
    HIGH = 3

    def __str__(self):
        return self.name.title()


class Perm(Flag):
    R = 4
    W = 2
    X = 1
    RW = R | W


class Planet(Enum):
    EARTH = (5.97e24, 6.37e6)
    MARS = (6.42e23, 3.39e6)

    def __init__(self, mass, radius):
        self.mass = mass
        self.radius = radius

    @property
    def gravity(self):
        return round(6.67e-11 * self.mass / self.radius ** 2, 1)


class Priority(Enum):
    def _generate_next_value_(name, start, count, last_values):
        return name.lower()

    A = auto()
    B = auto()


try:
    @unique
    class Bad(Enum):
        X = 1
        Y = 1
except ValueError as error:
    duplicate = str(error)
[[c.value for c in Color], Color.RED == "red", Color("green").name, f"{Level.HIGH}", Level.HIGH + 1, sorted(Level, reverse=True)[0].name, str(Perm.R | Perm.X), Perm.R in Perm.RW, [p.name for p in Perm.RW], Planet.EARTH.gravity, Priority.B.value, duplicate, Enum("Shape", "CIRCLE SQUARE").SQUARE.value, Color.__members__["RED"].value, repr(Level.LOW), isinstance(Level.LOW, int), {Color.RED: 1}["red"], len(Perm), ~Perm.R == Perm.W | Perm.X]
