"""What models use of the standard library to shape programs works under the policy, in all its usual forms."""

import pytest

from sandbox import policy
from tests.play import Play

# Programs by name, each with the value 5.
PROGRAMS = {
    "dataclass tools": """
from dataclasses import astuple, dataclass, field, fields, replace
@dataclass(frozen=True, slots=True)
class P:
    x: int
    _y: int = 0
    tags: list = field(default_factory=list, compare=False)
@dataclass
class Q:
    z: 'int' = 1
    w: Missing | None = None
a = replace(P(2), x=3)
a.x + len(fields(a)) + len(astuple(Q())) - 3 + (a.__class__ is not P)
""",
    "dataclass with itself": """
from dataclasses import dataclass
from typing import Optional
@dataclass
class Node:
    value: int
    next: Optional[Node] = None
    after: "Node | None" = None
Node(1, Node(5)).next.value
""",
    "dataclass inheritance": """
from dataclasses import dataclass, KW_ONLY, InitVar
from abc import ABC, abstractmethod
@dataclass
class A(ABC):
    x: int
    @abstractmethod
    def f(self): ...
@dataclass(slots=True, order=True)
class B(A):
    y: int = 2
    _: KW_ONLY
    z: InitVar[int] = 0
    def __post_init__(self, z): self.x += z
    def f(self): return super().f() or self.x + self.y
B(2, z=1).f()
""",
    "enum tools": """
from enum import Enum, Flag, IntEnum, StrEnum, auto, unique
@unique
class C(Enum):
    A = 1
    B = 2
    @property
    def twice(self): return self.value * 2
    @classmethod
    def _missing_(cls, value): return cls.A
class S(StrEnum):
    X = auto()
class I(IntEnum):
    ONE = 1
    EINS = 1
class F(Flag):
    R = auto()
    W = auto()
class V(Enum):
    P = (1, 2)
    def __new__(cls, a, b):
        member = object.__new__(cls)
        member._value_ = a
        member.b = b
        return member
assert S.X == 'x' and I.EINS is I.ONE and (F.R | F.W) & F.W and C(9) is C.A and V(1).b == 2
assert Enum('N', 'p q').q.value == 2 and C['B'].name == 'B' and set(I.__members__) == {'ONE', 'EINS'}
sum(c.twice for c in C) - len(C) + I.ONE
""",
    "functools": """
from functools import cached_property, lru_cache, partial, reduce, total_ordering, wraps
class Timed:
    def __init__(self, f): wraps(f)(self); self.f = f
    def __call__(self, x): return self.f(x)
@Timed
def one(x):
    "doc"
    return x
@total_ordering
class A:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return self.n == o.n
    def __lt__(self, o): return self.n < o.n
    @cached_property
    def twice(self): return self.n * 2
@lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
assert one.__name__ == 'one' and one.__doc__ == 'doc' and A(2) >= A(1) and A(2).twice == 4
reduce(lambda a, b: a + b, [fib(3), partial(pow, 2)(1), one(1)])
""",
    "class patterns": """
from dataclasses import dataclass
from collections import namedtuple
@dataclass
class Circle:
    r: float
@dataclass
class Box:
    w: int
    h: int
class Named(namedtuple('Named', 'a b')): pass
class Own:
    __match_args__ = ('left',)
    def __init__(self, left): self.left = left
class Text(str): pass
def size(x):
    match x:
        case Circle(r): return r
        case Box(w, h=0) | Own(Box(w)): return w
        case Named(a, b): return a + b
        case bool(b): return 10
        case int(n) | float(n): return n
        case Text(t): return 0 if isinstance(t, Text) else 100
        case str(s): return len(s)
        case [int(a), *_]: return a
        case {'k': Box(_, h)}: return h
        case type(): return -1
        case _: return 0
inputs = [Circle(1), Box(2, 0), Own(Box(3, 1)), Named(1, 2), True, 4, Text('a'), 'ab', [7, 1], {'k': Box(1, 8)}, int]
5 if [size(x) for x in inputs] == [1, 2, 3, 3, 10, 4, 0, 2, 7, 8, -1] else [size(x) for x in inputs]
""",
    "typing": """
from typing import Annotated, Any, Callable, Generic, Literal, NamedTuple, Optional, Protocol, TypedDict, TypeVar, Union
from typing import ClassVar, NewType, get_args, get_origin, overload, runtime_checkable
T = TypeVar('T')
class P(NamedTuple):
    x: int
    y: 'int' = 3
class D(TypedDict, total=False):
    a: int
    b: 'list[D]'
@runtime_checkable
class Sized(Protocol):
    def size(self) -> int: ...
class Stack(Generic[T]):
    count: ClassVar[int] = 0
    def __init__(self): self._items: list[T] = []
    def push(self, item: T) -> 'Stack[T]': self._items.append(item); return self
    def size(self) -> int: return len(self._items)
class Box[U]:
    def __init__(self, value: U): self.value = value
def f(x: 'Undefined', y: type[int] = int, *, g: Callable[['Later'], Any] | None = None) -> Optional['Later']:
    return y(x)
assert isinstance(Stack[int](), Sized) and get_origin(dict[str, int]) is dict and get_args(list[int]) == (int,)
P(2).y + Stack().push(1).size() + D(a=1)['a'] + Box[int](0).value + f('0')
""",
    "copies": """
import copy
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
class E(Enum): A = 1
@dataclass
class P:
    items: list
class Own:
    __slots__ = ('x', '__dict__')
    def __init__(self, x): self.x = x; self._y = [x]
class L(list): pass
class Bad(ValueError):
    def __init__(self, a, b): super().__init__(a, b); self.a = a
values = [P([1]), Own(2), L([1]), Bad(1, 2), Counter('aab'), OrderedDict(a=1), deque([1]), datetime(2026, 1, 1),
          Decimal('1'), {1: [2]}, E.A, defaultdict(list, a=[1]), (1, [2]), lambda: 0]
shallow, deep = copy.copy(values), copy.deepcopy(values)
each = [copy.copy(value) for value in values]
assert deep[0] == values[0] and deep[0].items is not values[0].items and deep[1]._y == [2] and deep[3].a == 1
assert each[1].x == 2 and each[1]._y is values[1]._y and each[11]['a'] == [1] and each[10] is E.A
len(copy.replace(P([1]), items=[1] * 5).items)
""",
    "types": """
class Meta(type):
    def __new__(mcs, name, bases, namespace, **options):
        made = super().__new__(mcs, name, bases, namespace)
        made.options = options
        return made
    def __init__(cls, name, bases, namespace, **options): super().__init__(name, bases, namespace)
class Singleton(type):
    _instances = {}
    def __call__(cls, *args, **kwargs):
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]
class A(metaclass=Meta, tag=1):
    x: int = 1
    def me(self): return type(self).__name__ + self.__class__.__name__
class One(metaclass=Singleton): pass
B = type('B', (A,), {'n': 2, 'f': lambda self: self.n, '__init__': lambda self: None})
assert A().me() == 'AA' and One() is One() and B().f() == 2 and A.options == {'tag': 1} and type(A) is Meta
assert type(1) is int and isinstance(int, type) and isinstance(A, (str, type)) and not isinstance(1, type)
assert type(int) is type and type(type) is type and issubclass(Meta, type) and str(type) == "<class 'type'>"
assert type(lambda: 0).__name__ == 'function' and isinstance(len, type(print)) and isinstance(A.me, type(lambda: 0))
assert {int: 1}[type(5)] == 1 and type(None) is type(None) and list(map(type, [1, ''])) == [int, str]
try:
    1 / 0
except Exception as e:
    r = len(type(e).__name__) - len('ZeroDivision') - (e.__class__ is not type(e))
r
""",
    "formats": """
from collections import UserString
from types import SimpleNamespace
class S(str):
    def shout(self, *a): return super().format(*a).upper()
row = SimpleNamespace(name='a', items=[1, {'k': 2}], _x=1)
assert '{0.name}-{1[0]}-{n:>{w}}'.format(row, [7], n=5, w=2) == 'a-7- 5'
assert '{0.items[1][k]}'.format(row) == '2'
assert S('{}x').shout('a') == 'AX' and UserString('{}').format(1) == '1' and '{a}'.format_map({'a': 1}) == '1'
assert list(map('{:02d}'.format, [1, 2])) == ['01', '02'] and str.format('{}', 1) == '1'
class F:
    def format(self, x): return x
F().format(5)
""",
    "abstract classes": """
from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Iterable, Mapping, MutableMapping
class Base(ABC):
    @property
    @abstractmethod
    def n(self): ...
class Is(Base):
    @property
    def n(self): return 5
class Store(MutableMapping):
    def __init__(self): self._held = {}
    def __getitem__(self, k): return self._held[k]
    def __setitem__(self, k, v): self._held[k] = v
    def __delitem__(self, k): del self._held[k]
    def __iter__(self): return iter(self._held)
    def __len__(self): return len(self._held)
class Virtual(metaclass=ABCMeta): pass
Virtual.register(int)
try:
    Base()
except TypeError:
    pass
store = Store()
store.update(a=5)
assert isinstance(store, Mapping) and isinstance([], Iterable) and isinstance(1, Virtual) and issubclass(Is, Base)
store['a'] if isinstance(store, Store) else Is().n
""",
    "library subclasses": """
import collections, json, random, string
class Encoder(json.JSONEncoder):
    def default(self, o): return sorted(o)
class Dice(random.Random):
    def roll(self): self._last = self.randint(1, 6); return self._last
class Low(collections.UserDict):
    def __setitem__(self, k, v): super().__setitem__(k.lower(), v)
class Points(collections.namedtuple('Points', 'x y')):
    def _norm(self): return self._replace(x=0).y + len(self._fields)
class Failure(Exception):
    def __init__(self, *a, _code=1): super().__init__(*a); self._code = _code
low = Low(A=1)
assert json.dumps({1}, cls=Encoder) == '[1]' and 0 < Dice(1).roll() < 7 and low['a'] == 1 and Failure('x')._code == 1
Points(1, 3)._norm()
""",
    "imports": """
import urllib.parse as p, collections.abc as c
from collections import abc, OrderedDict
from urllib import parse
len(p.quote(' ')) + (abc is c) + (parse is p)
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_the_usual_tools_work(play: Play, name: str) -> None:
    """Each program gives 5."""
    assert (await play(PROGRAMS[name])).value == 5


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("import logging", "use print; what is printed comes back with the answer"),
        ("from os.path import join", policy.ABSENT_MODULES["os.path"]),
        ("import importlib.metadata", policy.ABSENT_MODULES["importlib"]),
        ("import jsn", 'did you mean "json"? '),
    ],
)
async def test_a_module_that_is_not_there_is_refused_with_what_to_use(play: Play, source: str, hint: str) -> None:
    """A model that is told what there is instead needs one attempt more, not five."""
    error = (await play(source)).error

    assert error.hint is not None
    assert error.hint.startswith(hint)
    assert error.hint.endswith("modules that can be imported: " + ", ".join(policy.MODULES))


async def test_a_queue_that_nobody_fills_is_an_error(play: Play) -> None:
    """There is no other thread: waiting for one would last until the run's time is over."""
    error = (await play("import queue\nqueue.Queue().get()")).error

    assert (error.type, error.message) == (
        "RuntimeError",
        "nothing can end this wait: there are no threads; asyncio.Queue waits for other tasks",
    )
