"""Objects of a program that answer the library otherwise than it expects: names that add up as they like, fields that
change between two readings, classes found by what is no class."""

import pytest

from tests.play import Play

# Each had the type of all types, a traceback, or source text of its own in its hands.
PROGRAMS = {
    "class whose name adds up to another": """
import abc, reprlib
class Name(str):
    def __radd__(self, other): return str(self)
class M3(abc.ABCMeta):
    __name__ = property(lambda cls: Name('__getattribute__'))
class M2(abc.ABCMeta, metaclass=M3): _lookup = ()
class M1(abc.ABCMeta, metaclass=M2): pass
reprlib.Repr.repr1(M2, M1, '__mro__')
""",
    "replace that reads a traceback": """
import dataclasses
class F: name, init, _field_type = '__traceback__', True, None
class M(type):
    def __new__(m, name, bases, names):
        return super().__new__(m, name, bases, {**names, '__dataclass_fields__': {'x': F()}})
class E(Exception, metaclass=M):
    def __init__(self, **held): pass
try:
    raise E
except E as error:
    dataclasses.replace(error)
""",
    "replace that asks the class": """
import dataclasses
class F: name, init, _field_type = '__dict__', True, None
class M(type):
    def __getattr__(cls, name): return {'x': F()}
class C(metaclass=M):
    def __getattr__(self, name): return {'x': F()}
    def __init__(self, **held): pass
dataclasses.replace(C())
""",
    "fields that are others when they become source": """
import abc, dataclasses
class Same:
    def __eq__(self, other): return True
    def __hash__(self): return 1
class F:
    name, type, default, default_factory = 'x=print(1)', int, dataclasses.MISSING, dataclasses.MISSING
    repr = hash = init = compare = True
    kw_only, metadata, doc, _field_type = False, {}, None, Same()
class Params: frozen = False
asked = []
class M(type):
    def __getattr__(cls, name):
        asked.append(name)
        return Params if 'params' in name else {} if len(asked) < 2 else {'x': F()}
class Base(metaclass=M): pass
@dataclasses.dataclass(repr=False, eq=False)
class D(Base): y: int = 0
""",
    "fields of a class that only the order names": """
import abc, dataclasses
class F: name, _field_type = 'x=print(1)', None
class Params: frozen = False
class M(abc.ABCMeta):
    def __new__(m, name, bases, names, evil=None):
        more = {'__dataclass_fields__': {'x': F()}, '__dataclass_params__': Params} if evil else {}
        return super().__new__(m, name, bases, {**names, **more})
    def mro(cls): return [cls, Evil, object] if cls.order else super().mro()
    order = 0
class Evil(metaclass=M, evil=1): pass
M.order = 1
@dataclasses.dataclass
class D(metaclass=M): y: int = 0
""",
    "type of types by the order of super": """
import abc
class M2(abc.ABCMeta): pass
class M1(abc.ABCMeta, metaclass=M2): pass
super(M2, M1).mro()[2](lambda: 0)(None, {})
""",
    "type of types by the order of an alias": """
import abc, types
types.GenericAlias(abc.ABCMeta, int).mro(abc.ABCMeta)[1](lambda: 0)(None, {})
""",
    "type of types by the order of an annotation": """
import abc, typing
typing.Annotated[abc.ABCMeta, 1].mro(abc.ABCMeta)[1](lambda: 0)(None, {})
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_it_gets_no_further(play: Play, name: str) -> None:
    """The library reads once, and what it reads is what is used."""
    error = (await play(PROGRAMS[name])).error

    assert (error.kind, error.type) in {("runtime", "TypeError"), ("runtime", "AttributeError")}
    assert "argument 'code' must be code" not in error.message


async def test_a_metaclass_sees_no_fields_before_they_become_source(play: Play) -> None:
    """It could put one of its own among them."""
    played = await play("""
import dataclasses
seen = []
class M(type):
    def __setattr__(cls, name, value):
        if name[:2] != '__': super().__setattr__(name, value)
        seen.append(name)
@dataclasses.dataclass(init=False, repr=False, eq=False)
class C(metaclass=M): x: int = 1
sorted(set(seen)), [field.name for field in dataclasses.fields(C)]
""")

    assert "__dataclass_fields__" not in played.value[0]
    assert played.value[1] == ["x"]


async def test_the_name_of_an_exception_runs_nothing_when_it_is_told(play: Play) -> None:
    """The report is written after the program."""
    played = await play("""
class Name(str):
    def __str__(self): print('ran'); return self
    def encode(self, *_): print('ran'); return self
    def decode(self, *_): return self
raise type(Name('Told'), (Exception,), {})('x')
""")

    assert (played.error.type, played.output) == ("Told", "")


async def test_groups_of_groups_are_told_in_bounded_time(play: Play) -> None:
    """Thirty of them that share their members have more parts than can be named."""
    played = await play("""
error = ValueError('x')
for n in range(30): error = ExceptionGroup(f'g{n}', [error, error])
raise error
""")

    assert played.error.type == "ExceptionGroup"
    assert "g27" in played.error.message
    assert len(played.error.message) < 1_000


async def test_dataclasses_and_short_texts_are_what_they_were(play: Play) -> None:
    """With bases, slots and methods by the name of a class."""
    played = await play("""
import dataclasses, reprlib
@dataclasses.dataclass
class A:
    x: int = 1
@dataclasses.dataclass(slots=True, order=True)
class B(A):
    y: list = dataclasses.field(default_factory=list)
class R(reprlib.Repr):
    def repr_A(self, x, level): return 'an A'
class str_: pass
b = dataclasses.replace(B(2), y=[3])
[dataclasses.asdict(b), repr(b), B(1) < B(2), R().repr([A(), 'x' * 50, {1: 2}])]
""")

    assert played.value == [
        {"x": 2, "y": [3]},
        "B(x=2, y=[3])",
        True,
        "[an A, 'xxxxxxxxxxxx...xxxxxxxxxxxxx', {1: 2}]",
    ]
