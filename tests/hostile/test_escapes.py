"""Ways out of the language policy that an attack on it found. Each is closed for good, with whatever is like it."""

import pytest

from tests.play import Play

# Programs that would have the interpreter in their hands at the end, by what they abuse.
ESCAPES = {
    "import of a module's module": "from asyncio import base_events",
    "import of a decoder": "from json import decoder",
    "import of the entities": "from html import entities",
    "import from a parent": "from urllib import request",
    "annotation that is evaluated": """
import typing
typing.get_args(typing.List['__import__'])[0].evaluate(globals={})
""",
    "annotation that is evaluated with an owner": """
import typing
typing.get_args(typing.Optional['(1).__class__'])[0].evaluate(globals={}, locals={}, owner=None)
""",
    "wraps reads": """
import functools
got = {}
class B:
    def __setattr__(self, name, value): got[name] = value
functools.wraps(functools.reduce, assigned=('__globals__',), updated=())(B())
""",
    "wraps writes into the library": """
import functools, json
functools.wraps(lambda: 0)(json.JSONEncoder)
""",
    "wraps hands out what it is made of": "import functools\nfunctools.wraps(print).func",
    "wraps writes into a function": """
import functools, json
functools.wraps(json.dumps)(json.loads)
""",
    "pattern of a function": """
import abc
class C(abc.ABC): __match_args__ = ('__globals__',)
C.register(type(lambda: 0))
match abc.abstractmethod:
    case C(g): pass
""",
    "pattern of a generator": """
import abc
class C(abc.ABC): __match_args__ = ('gi_frame',)
C.register(type(x for x in ()))
match (x for x in ()):
    case C(frame): pass
""",
    "pattern of a metaclass": """
class M(type):
    def __getattr__(cls, name): return ('_private',)
class C(metaclass=M): pass
match C():
    case C(x): pass
""",
    "pattern of a private attribute": """
import abc, asyncio
class C(abc.ABC): __match_args__ = ('_selector',)
loop = asyncio.get_running_loop()
C.register(type(loop))
match loop:
    case C(s): pass
await asyncio.sleep(0)
""",
    "pattern of format": """
class C(str): __match_args__ = ('format',)
match C('{0.__globals__}'):
    case C(f): pass
""",
    "enum property": "import enum\nenum.property",
    "enum conversion": "import enum\nclass E(enum.Enum): pass\nE._convert_('X', 'sys', lambda n: n == 'modules')",
    "global enum": "import enum\nenum.global_enum(type('E', (), {'__members__': {}}))",
    "field with another name": """
import dataclasses
@dataclasses.dataclass
class A:
    x: int = 1
dataclasses.fields(A)[0].name = "x and __import__('sys') or 0"
""",
    "field with the name of an attribute": """
import dataclasses
f = dataclasses.field()
f.name = '__subclasses__'
""",
    "fields that are none": """
import dataclasses
class F: name = "x or __import__('sys')"
@dataclasses.dataclass
class B(type('A', (), {'__dataclass_fields__': {'x': F()}})): pass
""",
    "dataclass of the library": "import dataclasses, json\ndataclasses.dataclass(json.JSONEncoder)",
    "annotations that change": "type('T', (), {'__annotate__': lambda format: {'x: print(1)': int}})",
    "copy that writes": """
import copy, json
class R:
    def __new__(cls): return json if cls.n else object.__new__(cls)
    n = 0
r = R()
r.dumps = 5
R.n = 1
copy.copy(r)
""",
    "copy by a recipe": "type('R', (), {'__reduce_ex__': lambda self, protocol: (list, (), {'a': 1})})",
    "frames of a task": """
import asyncio
async def main(): return asyncio.current_task().get_stack()
await main()
""",
    "printed frames of a task": """
import asyncio, io
async def main(): asyncio.current_task().print_stack(file=io.StringIO())
await main()
""",
    "coroutine of a task": "import asyncio\nasync def m(): asyncio.current_task().get_coro()\nawait m()",
    "format by super": """
class S(str):
    def f(self, *a): return super().format(*a)
S('{0.__globals__}').f(lambda: 0)
""",
    "format of a UserString": "import collections\ncollections.UserString('{0.__globals__}').format(lambda: 0)",
    "format_map of a UserString": """
import collections
collections.UserString('{x.__globals__}').format_map({'x': lambda: 0})
""",
    "format assigned in place": """
class R:
    def __radd__(self, other): return other
'{0.__globals__}'.format += R()
""",
    "function from code": "type(lambda: 0)(None, {})",
    "function from code by class": "(lambda: 0).__class__(None, {})",
    "function from code by getattr": "getattr(lambda: 0, '__class__')(None, {})",
    "special method by type": "type('C', (), {'__getattribute__': 1})",
    "special method by metaclass": """
class M(type):
    def __new__(m, name, bases, namespace):
        return super().__new__(m, name, bases, {**namespace, '__reduce_ex__': 1})
class C(metaclass=M): pass
""",
    "special method by type of a class": "type(int)('C', (), {'__getattribute__': 1})",
    "special method by class of a class": "int.__class__('C', (), {'__getattribute__': 1})",
    "subclass of the loop": "import asyncio\nclass L(type(asyncio.get_running_loop())): pass\nawait asyncio.sleep(0)",
    "private parts of a library's class": """
import random
class R(random.Random): pass
R()._randbelow_with_getrandbits
""",
    "formatter of the library": """
import string
class F(string.Formatter):
    def f(self): return super(F, self).get_field('0.__globals__', (lambda: 0,), {})
F().f()
""",
    "hints that are text": """
import typing
def f(x: 'print(1)'): pass
typing.get_type_hints(f)
""",
    "hints of the library": "import typing, json\ntyping.get_type_hints(json.JSONEncoder)",
    "redirection of something else": """
import contextlib
class R(contextlib.redirect_stdout): _stream = 'modules'
""",
    "warnings of another module": "import json, warnings\nwarnings.catch_warnings(module=json)",
    "dataclass with a special method": """
import dataclasses
dataclasses.make_dataclass('C', [('__reduce_ex__', int, 1)])
""",
    "dispatch that copies attributes": """
import asyncio, functools
async def main(): return functools.singledispatch(asyncio.get_running_loop())
await main()
""",
    "shell that reads files": "import shlex\nshlex.shlex('x').sourcehook('/etc/passwd')",
    "archive by its name": "import gzip\ngzip.open('/etc/passwd')",
    "document by its name": "import xml.etree.ElementTree as E\nE.parse('/etc/passwd')",
    "object of an error": """
import asyncio
try:
    asyncio.nothing
except AttributeError as error:
    error.obj
""",
    "abstract class by hand": "import abc\nabc.ABCMeta('C', (), {'__reduce_ex__': 1})",
    "enum by hand": """
import enum
names = enum.EnumDict('C')
names['__reduce_ex__'] = 1
enum.EnumType('C', (enum.Enum,), names)
""",
    "member with a special name": "import enum\nenum.Enum('E', [('__reduce_ex__', 1)])",
    "protocol by hand": "import typing\ntype(typing.SupportsInt)('C', (), {'__getattribute__': 1})",
    "metaclass that steps over its base": """
class M(type):
    def __new__(m, name, bases, namespace):
        return super(type, m).__new__(m, name, bases, {**namespace, '__reduce_ex__': 1})
class C(metaclass=M): pass
""",
    "type from the order of classes": "import abc\ntype.mro(abc.ABCMeta)[1]('C', (), {'__getattribute__': 1})",
    "type from the order of classes by name": """
import abc, operator
operator.methodcaller('mro', abc.ABCMeta)(type)[1]('C', (), {'__getattribute__': 1})
""",
    "type from the bases of a class": """
import abc, types
types.get_original_bases(abc.ABCMeta)[0]('C', (), {'__getattribute__': 1})
""",
    "what a library's class keeps in its objects": """
import asyncio
class Group(asyncio.TaskGroup): pass
Group()._tasks
""",
    "what a library's class keeps in its objects, set": """
import asyncio
class Group(asyncio.TaskGroup): pass
Group()._tasks = set()
""",
    "what a library's class keeps in its objects, by name": """
import asyncio
class Group(asyncio.TaskGroup): pass
setattr(Group(), '_tasks', set())
""",
    "what a library's class keeps in its objects, added to": """
import asyncio
class Group(asyncio.TaskGroup): pass
Group()._base_error += 1
""",
    "what a library's class keeps in its objects, deleted": """
import asyncio
class Group(asyncio.TaskGroup): pass
del Group()._tasks
""",
    "name that a class looks like it defines": """
import random
class M(type):
    def __hash__(cls): return hash(random.Random)
    def __eq__(cls, other): return True
class C(metaclass=M):
    def __init__(self): self._gauss = 1
c = C()
c._gauss
r = random.Random(1)
r._randbelow_with_getrandbits
""",
    "format that changes": """
class S(str):
    def __hash__(self): return hash('{}')
    def __eq__(self, other): return True
t = '{}'
for _ in range(3): t.format(1)
s = S('{0.__globals__}')
s.format(lambda: 0)
""",
    "ordering of a library's class": "import functools, json\nfunctools.total_ordering(json.JSONEncoder)",
    "module that becomes the program's own": """
import collections, types
class M(types.ModuleType): pass
object.__setattr__(collections, '__class__', M)
object.__delattr__(collections, 'abc')
from collections import abc
abc.sys
""",
    "module that is written to by text": "import json\nobject.__setattr__(json, 'dumps', 5)",
    "module that loses a name by text": "import json\nobject.__delattr__(json, 'dumps')",
    "module of a class by text": "import json\ntype.__setattr__(json.JSONEncoder, '__module__', '__main__')",
    "attribute set by text through super": "import json, types\nsuper(types.ModuleType, json).__setattr__('x', 1)",
    "attribute set by text through getattr": "import json\ngetattr(object, '__setattr__')(json, '_x', 1)",
    "attribute set by text through attrgetter": """
import json, operator
operator.attrgetter('__setattr__')(object)(json, '_x', 1)
""",
    "private attribute set by text": "import json\nobject.__setattr__(json.JSONEncoder(), '_x', 1)",
    "class of the loop by text": """
import asyncio
class L: pass
async def main(): object.__setattr__(asyncio.get_running_loop(), '__class__', L)
asyncio.run(main())
""",
    "code through an alias": """
import types, typing
typing.Annotated[types.GeneratorType, 1].__getattr__('gi_code')
""",
    "private attribute through an alias": "import typing\ntyping.List[int].__getattr__('_inst')",
    "type of types by mro": """
class M(type): pass
M.mro(M)[2](lambda: 0)(None, {})
""",
    "type of types by its own mro": "type.mro(type)[1](lambda: 0)(None, {})",
    "type of types by mro given as text": "getattr(type, 'mro')(type)[1](lambda: 0)(None, {})",
    "type of types by an alias": "type[int](lambda: 0)(None, {})",
    "type of types by its bases": "import types\ntypes.get_original_bases(type)[0](lambda: 0)(None, {})",
    "guard shadowed in a class body": """
import abc, json
space = classmethod(lambda *a, **k: {'$write': lambda x: x})
M = abc.ABCMeta('M', (abc.ABCMeta,), {'__prepare__': space})
class X(metaclass=M):
    json.JSONEncoder._x = 5
""",
    "name of a converter that adds as it likes": """
import configparser
class Name(str):
    def __radd__(self, other): return '__code__'
class Section(configparser.SectionProxy):
    def __setattr__(self, name, value):
        if name == '__code__': print(value.keywords['_impl'])
def f(): pass
f.converters = [Name('x')]
Section(f, 'x')
""",
    "converter that is set where it likes": """
import configparser
class Name(str):
    def __radd__(self, other): return '_inline_comment_prefixes'
configparser.ConfigParser().converters[Name('x')] = 1
""",
    "converter that is deleted where it likes": """
import configparser
class Name(str):
    def __radd__(self, other): return '_inline_comment_prefixes'
parser = configparser.ConfigParser()
parser.converters['x'] = 1
del parser.converters[Name('x')]
""",
    "output of the driver": """
import pprint
class P(pprint.PrettyPrinter): pass
P()._stream.connect(print)
""",
}


@pytest.mark.parametrize("name", ESCAPES)
async def test_an_escape_is_closed(play: Play, name: str) -> None:
    """Each got at the interpreter, or at what leads there: refused in the text, or when it is tried."""
    error = (await play(ESCAPES[name])).error

    assert error.kind in {"policy", "runtime"}
    assert error.type in {"PolicyViolation", "AttributeError", "TypeError", "ImportError"}


async def test_a_refused_import_says_what_is_so(play: Play) -> None:
    """Who wrote it by mistake is told."""
    error = (await play("from json import decoder")).error

    assert (error.kind, error.message) == ("policy", 'line 1: "decoder" of module "json" is not available')


async def test_a_module_is_shown_by_its_name(play: Play) -> None:
    """But its own name leads nowhere: the interpreter joins it with the name that is imported."""
    played = await play("import json, asyncio\n[repr(json), json.__name__ == 'json', repr(type(json))]")

    assert played.value == ["<module 'json'>", False, "<class 'module'>"]


async def test_what_a_hidden_name_would_find_is_not_there(play: Play) -> None:
    """Frames are taken out of the types themselves, for the library function that follows any name."""
    played = await play("""
def generator(): yield
async def coroutine(): pass
async def asynchronous(): yield
c = coroutine()
kinds = [generator(), c, asynchronous()]
c.close()
[name for one in kinds for name in dir(one) if 'frame' in name or 'await' in name.strip('_').split('_')[1:]]
""")

    assert played.value == []


async def test_without_the_policy_a_program_has_pythons_own_builtins(play: Play) -> None:
    """It imports whatever is in the guest; what the guest lacks since it was built stays away."""
    assert (await play("import sys\nsys.version_info[:2]", guarded=False)).value == (3, 14)


async def test_the_attributes_of_an_object_are_those_of_the_program(play: Play) -> None:
    """A class of the program that derives from a library's class has two kinds in one dictionary."""
    played = await play("""
import asyncio
class Group(asyncio.TaskGroup):
    def __init__(self):
        super().__init__()
        self._mine, self.yours = 1, 2
vars(Group())
""")

    assert played.value == {"_mine": 1, "yours": 2}
