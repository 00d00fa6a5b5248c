"""Packages of a guest image: what programs get through them, and what they can do to the machine that builds them.

The package `leaky` was made for this. It hands out modules, builtins and frames, and while it is imported it tries the
files, the environment and the network.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from sandbox.engine import Engine
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.images.kept import KeptImage
from sandbox.limits import Limits
from sandbox.turns import Program, Progress, Raised, Returned
from tests.guest_images import leaky
from tests.play import NOW

__all__ = ["leaky"]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on_leaky(leaky: KeptImage) -> AsyncIterator[Engine]:
    """An engine whose workers hold the image, opened once."""
    opened = CPythonEngine(workers=1, guest=leaky.guest())
    await opened.open()
    yield opened
    await opened.close()


async def end_of(engine: Engine, source: str) -> Progress:
    return await engine.execution(Program(source=source), limits=Limits(), seed=7).start({}, now=NOW)


async def value_of(engine: Engine, source: str) -> Any:
    end = await end_of(engine, source)
    assert isinstance(end, Returned), end
    return end.value


async def error_of(engine: Engine, source: str) -> tuple[str, str]:
    end = await end_of(engine, source)
    assert isinstance(end, Raised), end
    return end.error.type, end.error.message


async def test_what_a_package_tries_while_it_is_built_fails(on_leaky: Engine) -> None:
    """It is imported in WebAssembly, where there is its own stage, and neither environment, network nor other files."""
    tried = await value_of(on_leaky, "import leaky\nleaky.TRIED")

    assert "s3cret" not in str(tried)
    assert set(eval(tried.pop("environment"))) <= {"PYTHONUNBUFFERED", "PYTHONHOME", "PYTHONPATH"}  # noqa: S307
    assert tried == {
        "root": "FileNotFoundError",
        "passwd": "FileNotFoundError",
        "above": "PermissionError",
        "link": "PermissionError",
        "relative link": "PermissionError",
        "connect": "gaierror",
        "site": "FileNotFoundError",
        "report": "None",
    }


async def test_the_path_of_a_build_has_nothing_of_the_host(on_leaky: Engine) -> None:
    """componentize-py adds the host's site-packages to it, writable, unless it is given others."""
    path = await value_of(on_leaky, "import leaky\nleaky.PATH")

    assert [one for one in path if not one.startswith(("/python", "/world", "/0", "/1", "/bundled"))] == []


async def test_a_package_gives_what_is_its_own(on_leaky: Engine) -> None:
    """Classes, functions, plain values, and what of the library programs have anyway."""
    source = """
import leaky
from leaky import OrderedDict, RATES, Shelf, decorate, helper
from leaky.inner import VALUE
[VALUE, RATES["usd"][1], helper(), decorate(len)("abc"), Shelf().inner is leaky.inner, OrderedDict(a=1)["a"]]
"""
    assert await value_of(on_leaky, source) == [5, 1.2, "helped", 3, False, 1]


@pytest.mark.parametrize(
    "name",
    [
        *("os", "sys", "builtins", "operator", "types", "wraps", "evaluate", "read_anything", "lazy", "finder"),
        *("Evaluator", "Disguised", "_private"),
    ],
)
async def test_a_name_that_leads_elsewhere_is_not_in_the_facade(on_leaky: Engine, name: str) -> None:
    """Modules, builtins that the policy keeps, and whatever leads to one by public names."""
    imported = await error_of(on_leaky, f"from leaky import {name}")
    kind, message = await error_of(on_leaky, f"import leaky\nleaky.{name}")

    assert imported == ("PolicyViolation", f'line 1: "{name}" of module "leaky" is not available')
    assert kind == "AttributeError"
    assert message in (
        f"module 'leaky' has no attribute '{name}'",
        f"attribute \"{name}\" of module 'leaky' is private",
    )


async def test_what_is_hidden_is_listed_with_its_reason(leaky: KeptImage) -> None:
    """The operator learns it when the image is built, and not from a program that fails."""
    assert leaky.hidden == {"leaky.Evaluator": "it.run is eval, which programs do not have"}


MODULES = {
    "a class's attribute": "leaky.Shelf.system",
    "an object's attribute": "leaky.Shelf().interpreter",
    "an item": "leaky.everything[0]",
    "a module of the package itself": "leaky.Shelf().inner",
    "a result": "leaky.Shelf().module('json')",
    "one whose type is made while the program runs": "leaky.Shelf().late()",
    "builtins": "leaky.Shelf().module('builtins')",
}
USES = {
    "a read": "m.environ",
    "a call": "m.getcwd()",
    "a chain": "[m][0].path.join",
    "a set": "m.x = 1",
    "an update": "m.x += 1",
    "a deletion": "del m.x",
    "getattr": "getattr(m, 'environ')",
    "setattr": "setattr(m, 'x', 1)",
    "delattr": "delattr(m, 'x')",
    "dir": "dir(m)",
    "a format": "'{0.environ}'.format(m)",
    "a format of a variable": "t = '{0.environ}'\nt.format(m)",
    "a format of a key": "'{a[0].environ}'.format_map({'a': [m]})",
    "str.format": "str.format('{0.environ}', m)",
    "a Formatter": "import string\nstring.Formatter().format('{0.environ}', m)",
    "an f-string": "f'{m.environ}'",
    "attrgetter": "import operator\noperator.attrgetter('environ')(m)",
    "methodcaller": "import operator\noperator.methodcaller('getcwd')(m)",
    "a special attribute": "m.__name__",
    "a target of a loop": "for m.x in [1]: pass",
    "a name with a guard": "m.format",
    "a comprehension": "[one.environ for one in [m]]",
    "a lambda": "(lambda one: one.environ)(m)",
    "a method": "class C:\n    def f(self, one): return one.environ\nC().f(m)",
    "a walrus": "(n := m).environ",
    "a default": "getattr(m, 'environ', None).x",
}


SEEING_NOTHING = """
import leaky
m = leaky.Shelf.system
found = [hasattr(m, "environ"), getattr(m, "environ", "nothing")]
match m:
    case object(environ=one):
        found.append(one)
    case _:
        found.append("no match")
found
"""
PROGRAMS = [
    *(f"import leaky\nm = {way}\nm.x" for way in MODULES.values()),
    *(f"import leaky\nm = leaky.Shelf.system\n{use}" for use in USES.values()),
    SEEING_NOTHING,
    "from leaky import Evaluator",
]


@pytest.mark.parametrize("way", MODULES)
async def test_a_module_in_the_hands_of_a_program_is_shut(on_leaky: Engine, way: str) -> None:
    """What a package's objects and functions hand out nobody can know before; a module is the way to everything."""
    kind, message = await error_of(on_leaky, f"import leaky\nm = {MODULES[way]}\nm.x")

    assert kind == "AttributeError"
    assert message.endswith("of a package is not for programs")


@pytest.mark.parametrize("way", USES)
async def test_no_use_of_a_module_gets_by(on_leaky: Engine, way: str) -> None:
    """However its attribute is read, set or deleted."""
    kind, message = await error_of(on_leaky, f"import leaky\nm = leaky.Shelf.system\n{USES[way]}")

    assert kind == "AttributeError"
    assert message in ("module 'os' of a package is not for programs", "'NoneType' object has no attribute 'x'")


async def test_patterns_and_questions_see_nothing_of_a_module(on_leaky: Engine) -> None:
    """They read attributes, and say of a module that there are none."""
    assert await value_of(on_leaky, SEEING_NOTHING) == [False, "nothing", "no match"]


@pytest.mark.parametrize(
    "use",
    [
        "leaky.Shelf().read(leaky.decorate, '__globals__')",
        "leaky.Shelf().read(leaky.decorate, '__builtins__')",
        "leaky.Shelf().read(leaky.decorate(len), '__closure__')",
        "leaky.Shelf().read(leaky.Shelf().frame(), 'f_globals')",
        "leaky.Shelf().read(leaky.Shelf().frame(), 'f_locals')",
        "leaky.Shelf().read((i for i in []), 'gi_frame')",
        "leaky.Shelf().frame().f_back",
        "leaky.decorate.__code__",
        "leaky.Shelf.__dict__",
        "leaky.__loader__",
        "leaky.__spec__",
    ],
)
async def test_frames_code_and_globals_are_not_found_through_a_package(on_leaky: Engine, use: str) -> None:
    """A function that follows names given as text finds what is there, and these are not."""
    kind, _ = await error_of(on_leaky, f"import leaky\n{use}")

    assert kind in ("AttributeError", "PolicyViolation")


async def test_a_package_is_not_changed_by_a_program(on_leaky: Engine) -> None:
    """Its facade cannot be written to, nor its private attributes read."""
    assert await error_of(on_leaky, "import leaky\nleaky.RATES = {}") == (
        "AttributeError",
        "module 'leaky' cannot be changed",
    )
