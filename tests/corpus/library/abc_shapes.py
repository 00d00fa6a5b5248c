from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Integral, Number


class Shape(ABC):
    @property
    @abstractmethod
    def area(self): ...

    @classmethod
    def unit(cls):
        return cls(1)

    @staticmethod
    def describe(shape):
        return f"{type(shape).__name__} of {shape.area}"


class Square(Shape):
    def __init__(self, side):
        self.side = side

    @property
    def area(self):
        return self.side ** 2


class Plugin(metaclass=ABCMeta):
    @abstractmethod
    def run(self): ...

    @classmethod
    def __subclasshook__(cls, other):
        return hasattr(other, "run") or NotImplemented


class Countdown(Iterator):
    def __init__(self, n):
        self.n = n

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


try:
    Shape()
except TypeError as error:
    message = str(error)
[message, Shape.describe(Square.unit()), list(Countdown(3)), isinstance([], Sequence), isinstance({}, Mapping), isinstance(len, Callable), isinstance(3, Integral), isinstance(2.5, Number), issubclass(Square, Shape), isinstance(Countdown(1), Iterable)]
