"""What a program is told where it steps over an edge of the policy: exact texts, because they are all that it has."""

import pytest

from tests.play import Play

# Programs that end with an error: its type and its message.
ERRORS = {
    "getattr(1, 2)": ("TypeError", "attribute name must be string, not 'int'"),
    "getattr(1, 'gone')": ("AttributeError", "'int' object has no attribute 'gone'"),
    "'{0}{1}'.format(1)": ("IndexError", "Replacement index 1 out of range for positional args tuple"),
    "s = '{x.__class__.__name__}{1}'\ns.format(1, x=2)": (
        "IndexError",
        "Replacement index 1 out of range for positional args tuple",
    ),
    "type('A', ())": ("TypeError", "type() takes 1 or 3 arguments"),
    "type('A', (), [])": ("TypeError", "the namespace of a class must be a dict"),
    "type('A', (), {1: 2})": ("TypeError", "names in a class must be strings"),
    "import operator\noperator.attrgetter()": ("TypeError", "attrgetter expected at least 1 argument, got 0"),
    "import functools\n@functools.wraps(len)\nclass A: pass": (
        "TypeError",
        "wraps() decorates a function, not a class",
    ),
    "import dataclasses\nclass A: __slots__ = ()\ndataclasses.fields(A)": (
        "TypeError",
        "must be called with a dataclass type or instance",
    ),
    "import dataclasses\nA = dataclasses.make_dataclass('A', ['x'])\ndataclasses.fields(A)[0].name = 'z'": (
        "AttributeError",
        "the name of a field cannot be changed",
    ),
    "import queue\nqueue.Queue().get()": (
        "RuntimeError",
        "nothing can end this wait: there are no threads; asyncio.Queue waits for other tasks",
    ),
    "'{:{:{}}}'.format(1, 2, 3)": ("ValueError", "Max string recursion exceeded"),
    "s = '{'\ns.format(1)": ("ValueError", "Single '{' encountered in format string"),
    "class E(Exception):\n    def __str__(self): return 1 / 0\nraise E": ("E", "(the exception's own __str__ failed)"),
    "class E(ExceptionGroup): pass\nraise E('all', [ValueError('a'), KeyError('b')])": (
        "E",
        "all (2 sub-exceptions): ValueError: a; KeyError: 'b'",
    ),
    "def f(n): return f(n + 1)\nf(0)": ("RecursionError", "maximum recursion depth exceeded"),
    "lambda: (yield)": (
        "ValueRejected",
        "the value cannot be returned: the value is a function, which cannot cross; call it, as in f()",
    ),
    "g(object())": (
        "ValueRejected",
        "$[0][0] is an object, which cannot cross; pass numbers, text, lists and dictionaries made of its parts",
    ),
    "import typing\ntyping.get_type_hints(print)": (
        "TypeError",
        "get_type_hints() reads classes and functions that this program defines",
    ),
    "import string\nstring.Foo": ("AttributeError", "module 'string' has no attribute 'Foo'"),
    "from string import Templete": ("PolicyViolation", 'line 1: "Templete" of module "string" is not available'),
    "(" * 5_000 + ")" * 5_000: ("SyntaxError", "the source is nested too deeply to be parsed"),
    "object.__setattr__(1)": ("TypeError", "__setattr__ expects the name of an attribute"),
    "import ipaddress\nclass N(ipaddress.IPv4Network): pass\nN('10.0.0.0/30')._mine": (
        "AttributeError",
        "'N' object has no attribute '_mine'",
    ),
    "class E(Exception): hint = 'so'\nraise E('what')": ("E", "what"),
    "pritn(1)": ("NameError", "name 'pritn' is not defined"),
    "import jsn": ("PolicyViolation", 'line 1: module "jsn" cannot be imported'),
}
# Programs with the value that they have.
VALUES = {
    "class A: pass\na = A()\na.x, a._y = 1, 2\ndel a._y\ndelattr(a, 'x')\n[hasattr(a, 'x'), hasattr(a, '_y')]": [
        False,
        False,
    ],
    "[name for name in dir('') if name.startswith('is')][:2]": ["isalnum", "isalpha"],
    "class A:\n    def mro(self): return 5\nA().mro()": 5,
    "list(map(str.format, ['{}', '{:>3}'], [1, 2]))": ["1", "  2"],
    "class A:\n    format = 3\nA().format": 3,
    "import json\n[repr(json), json.__name__ == 'json']": ["<module 'json'>", False],
    "class A:\n    def __setattr__(self, name, value): object.__setattr__(self, name, value + 1)\n"
    "a = A()\na.x = 1\na.__setattr__('y', 2)\n[a.x, a.y]": [2, 3],
    "import warnings\nwith warnings.catch_warnings(action='error'):\n    try:\n        warnings.warn('x')\n"
    "    except UserWarning as w:\n        r = str(w)\nr": "x",
    "from dataclasses import dataclass\n@dataclass(slots=True)\nclass A:\n    x: int\n"
    "    def f(self): return super().__eq__(self) is True\n"
    "A(1).f()": True,
}


@pytest.mark.parametrize("source", ERRORS)
async def test_an_edge_is_told_exactly(play: Play, source: str) -> None:
    """Type and message."""
    error = (await play(source, asynchronous=["g"])).error

    assert (error.type, error.message) == ERRORS[source]


@pytest.mark.parametrize("source", VALUES)
async def test_what_the_policy_stands_beside_works(play: Play, source: str) -> None:
    """Names that are guarded for one type are ordinary for another."""
    assert (await play(source)).value == VALUES[source]
