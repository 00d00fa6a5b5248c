"""Programs that reach for the interpreter: frames, code, dunder attributes, and every text that names an attribute."""

import pytest

from tests.play import Play

REFUSED_BEFORE_RUNNING = [
    "().__class__.__base__.__subclasses__()",
    "(lambda: 0).__globals__",
    "(lambda: 0).__code__",
    "(lambda: 0).__closure__",
    "def g(): yield\ng().gi_frame.f_builtins",
    "async def c(): pass\nc().cr_frame",
    "async def a(): yield\na().ag_frame",
    "try:\n    1 / 0\nexcept Exception as e:\n    e.__traceback__.tb_frame",
    "__builtins__",
    "__import__('os')",
    "__loader__",
    "print.__self__",
    "str.__dict__",
    "match f:\n    case object(__globals__=g): pass",
    "match 'x':\n    case str(format=f): pass",
    "class A:\n    __getattribute__ = 1",
    "def __build_class__(): pass",
    "import sys",
    "import builtins as b",
    "from os import path",
    "from json import decoder, _default_decoder",
    "from types import FunctionType",
    "from typing import evaluate_forward_ref",
    "from . import x",
    "import json.decoder",
    "from json import *",
    "lambda __class__: 0",
    "f(__globals__=1)",
    "global __builtins__",
    "import json as __builtins__",
    "for __builtins__ in []: pass",
    "try: pass\nexcept Exception as __builtins__: pass",
    "_\uff3fimport__('os')",
    "x._\uff3fglobals__",
]

CAUGHT_WHILE_RUNNING = [
    "getattr(print, '__self__')",
    "getattr(lambda: 0, '__glo' + 'bals__')",
    "class S(str): pass\ngetattr(lambda: 0, S('__globals__'))",
    "'{0.__globals__}'.format(lambda: 0)",
    "'{0.__class__.__base__.__subclasses__}'.format(1)",
    "'{x.__globals__}'.format_map({'x': lambda: 0})",
    "str.format('{0.__globals__}', lambda: 0)",
    "getattr('{0.__globals__}', 'format')(lambda: 0)",
    "list(map(str.format, ['{0.__globals__}'], [lambda: 0]))",
    "class S(str): pass\nS('{0.__globals__}').format(lambda: 0)",
    "from operator import attrgetter\nattrgetter('__globals__')(lambda: 0)",
    "from operator import attrgetter\nattrgetter('a.__globals__')(1)",
    "from operator import methodcaller\nmethodcaller('__getattribute__', '__globals__')(lambda: 0)",
    "setattr(int, '__add__', 1)",
    "vars(dict)",
    "import json\nvars(json)",
    "import json\njson.dumps = None",
    "import json\ndel json.dumps",
    "import json\nsetattr(json, 'dumps', None)",
    "import asyncio\nasync def m(): return asyncio.get_running_loop()._selector\nasyncio.run(m())",
    "import asyncio\nasync def m(): asyncio.get_running_loop()._selector = 1\nasyncio.run(m())",
    "import string\nstring.Formatter().format('{0.__globals__}', lambda: 0)",
    "import types\ntypes.CodeType",
    "import typing\ntyping.get_type_hints(print)",
    "import collections\ncollections._sys",
    "import random\nrandom._os",
    "import dataclasses\ndataclasses.make_dataclass('C', [], namespace={'__reduce_ex__': 1})",
    "import functools, json\nfunctools.singledispatch(json.dumps)",
    "import re\nre.sys",
    "import uuid\nuuid.os",
    "import asyncio\nasyncio.subprocess",
    "import io\nio.open('/etc/passwd')",
    "import calendar\ncalendar.sys",
    "from dataclasses import dataclass\ndataclass(type('X', (), {'__annotations__': {'a:int=print(1)#': int}}))",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('1')",
    "compile('1', '', 'eval')",
    "globals()",
    "input()",
    "breakpoint()",
]


@pytest.mark.parametrize("source", REFUSED_BEFORE_RUNNING)
async def test_refused_before_anything_runs(play: Play, source: str) -> None:
    """The policy judges names where they stand in the text."""
    assert (await play(f"print('ran')\n{source}")).error.kind == "policy"


@pytest.mark.parametrize("source", CAUGHT_WHILE_RUNNING)
async def test_caught_while_running(play: Play, source: str) -> None:
    """A name that only exists at run time is judged then."""
    played = await play(source)

    assert played.error.kind == "runtime"
    assert played.error.type in {"AttributeError", "NameError", "ImportError", "TypeError"}


async def test_the_guards_of_the_policy_cannot_be_named(play: Play) -> None:
    """They are no identifiers, so no text can read or replace them, and nothing lists them."""
    assert (await play("dir()")).error.type == "TypeError"
    assert (await play("[name for name in dir(print) if name[:1] == '_' and 'self' in name]")).value == []


async def test_an_error_names_nothing_of_the_driver(play: Play) -> None:
    """Neither its files nor its frames, also for an exception raised inside it."""
    for source in ("import json\njson.loads('{')", "f(object())", "'{0.__dict__}'.format(1)", "await 1"):
        error = (await play(source, sync=["f"])).error
        told = repr(error)
        assert "sandbox" not in told
        assert "driver" not in told
        assert ".py" not in told
