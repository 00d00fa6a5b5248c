"""Versions of functions: another one where the function does something else, the same in every process."""

import functools
import math
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from sandbox import Cache, TaskEnvironment, orchestrator_from_str
from sandbox.cache import version_of, version_of_code
from sandbox.dispatch import HostFunction

SOURCE = '''
RATE = 0.2
TABLE = {"a": 1}

def helper(x):
    return x * 2

class Price:
    def __init__(self, base):
        self.base = base
    def of(self, x):
        return self.base + x

def f(x: int, y: int = 3) -> int:
    """Text."""
    if x in {"one", "two", "three"}:
        return 0
    return helper(x) * RATE + TABLE["a"] + Price(1).of(y)
'''


def one(i: int) -> int:
    """Return it."""
    return i


def loaded(source: str, name: str = "f") -> Callable[..., Any]:
    """The function of a module with this source."""
    module = ModuleType("somewhere")
    exec(compile(source, "somewhere.py", "exec"), module.__dict__)  # noqa: S102 - a module, as an import makes it
    found: Callable[..., Any] = vars(module)[name]
    return found


def version(source: str) -> str:
    """The version of the function of a module with this source."""
    return version_of_code(loaded(source))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("helper(x) * RATE", "helper(x) + RATE"),
        ("y: int = 3", "y: int = 4"),
        ("return x * 2", "return x * 3"),
        ("RATE = 0.2", "RATE = 0.3"),
        ("return helper(x)", "try:\n        helper(x)\n    except TypeError:\n        pass\n    return helper(x)"),
        ('{"a": 1}', '{"a": 2}'),
        ("return self.base + x", "return self.base - x"),
        ('"three"', '"four"'),
    ],
)
def test_a_changed_function_has_another_version(old: str, new: str) -> None:
    """Also where only a helper, a constant or a class of its module was changed."""
    assert version(SOURCE.replace(old, new)) != version(SOURCE)


def test_comments_and_places_are_no_part_of_the_version() -> None:
    """Neither is what the module holds beside what the function names."""
    assert version("# A comment.\n\n" + SOURCE + "\nOTHER = 1\n") == version(SOURCE)


def test_a_version_is_the_same_in_every_process() -> None:
    """Sets of texts are walked in another order in each of them."""
    script = "import sys; from tests.unit.sandbox.cache.test_versions import SOURCE, version; print(version(SOURCE))"
    told = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert told == {version(SOURCE)}


def test_what_a_function_took_from_around_it_counts() -> None:
    """Two functions of one source with other closures, arguments or objects do other things."""

    def adding(n: Any) -> Callable[[int], int]:
        return lambda x: n + x if isinstance(n, int) else n(x)

    price = loaded(SOURCE, "Price")
    versions = [
        version_of_code(one)
        for one in (
            adding(1),
            adding(2),
            adding(adding(1)),
            adding(adding(2)),
            functools.partial(adding, 1),
            functools.partial(adding, 2),
            price(1).of,
            price(2).of,
            math.sqrt,
            math.sin,
            str.upper,
            str.lower,
        )
    ]

    assert len(set(versions)) == len(versions)


def test_recursion_ends() -> None:
    """A function may name itself, and two each other."""
    source = "def f(x):\n    return g(x)\n\ndef g(x):\n    return f(x) + {0}\n"

    assert version(source.format(1)) != version(source.format(2))


def test_name_and_signature_are_part_of_a_functions_version() -> None:
    """A program sees the name, and gets what the types make of its arguments."""
    f, g = loaded("def f(x: int): return x"), loaded("def f(x: float): return x")

    versions = {
        version_of(HostFunction.of(f)),
        version_of(HostFunction.of(f, name="h")),
        version_of(HostFunction.of(g)),
    }

    assert len(versions) == 3


def test_the_version_of_a_template_is_that_of_what_it_does() -> None:
    """A function that is hooked, or calls through a template, counts as what it does in the end."""
    env = TaskEnvironment(name="e")

    def named(source: str) -> HostFunction:
        return env.task(name=f"f{len(env.tasks)}")(loaded(source)).as_function()

    first, again, other = (version_of_code(named(one).call) for one in (SOURCE, SOURCE, SOURCE.replace("0.2", "0.3")))

    assert first == again != other


def test_a_template_among_the_functions_has_one_version_before_and_after_runs() -> None:
    """What the library counts while it runs something is nothing that the template does."""
    source = "[one(i) for i in range(20)][-1]"
    inner = orchestrator_from_str(source, inputs={}, output=int, name="inner", tasks=[one], cache=Cache("auto"))

    before = version_of(inner.as_function())
    inner()
    assert version_of(inner.as_function()) == before


def test_a_template_among_the_functions_counts_with_its_source() -> None:
    """And with what it calls itself."""

    def outer(source: str) -> str:
        inner = orchestrator_from_str(source, inputs={"x": int}, output=int, name="inner", cache=Cache("auto"))
        return version_of(inner.as_function())

    assert outer("x + 1") == outer("x + 1") != outer("x + 2")


def test_what_a_function_collects_makes_no_other_version() -> None:
    """Otherwise no result would be known by the same key twice."""
    collecting = loaded("seen = []\ndef f(x):\n    seen.append(x)\n    return x")
    before = version_of_code(collecting)
    collecting(1)

    assert version_of_code(collecting) == before
