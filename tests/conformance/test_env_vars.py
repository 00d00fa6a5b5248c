"""`env_vars`: what `os.environ` holds in a program, and that there is nothing else of `os`."""

import pytest

from sandbox.entries import Header
from sandbox.policy import ABSENT_MEMBERS, OS_NAMES
from sandbox.turns import Program
from tests.play import Play

VARIABLES = {"REGION": "eu-1", "EMPTY": "", "NAME": "Ada = \u00e4\n"}
READ = """
import os
from os import environ, getenv
[os.environ, environ is os.environ, getenv("REGION"), getenv("NONE"), getenv("NONE", 3), os.environ["NAME"]]
"""
WRITE = """
import os
os.environ["NEW"] = "1"
os.environ.setdefault("REGION", "x")
del os.environ["EMPTY"]
[getenv("NEW") for getenv in [os.getenv]] + sorted(os.environ)
"""


async def test_the_environment_is_what_was_given_in_the_order_of_the_names(play: Play) -> None:
    """However the dictionary was written, so that order is no second identity."""
    played = await play(READ, env_vars=VARIABLES)

    assert played.value == [VARIABLES, True, "eu-1", None, 3, "Ada = \u00e4\n"]
    assert list(played.value[0]) == ["EMPTY", "NAME", "REGION"]


@pytest.mark.parametrize("guarded", [True, False])
async def test_without_env_vars_the_environment_is_empty(play: Play, guarded: bool) -> None:  # noqa: FBT001 - a parameter
    """Nothing of the worker's, or of the interpreter's, is in it."""
    assert (await play("import os\nos.environ == {}", guarded=guarded)).value is True


async def test_without_the_policy_the_environment_is_the_same(play: Play) -> None:
    """A program without the policy imports the interpreter's own module."""
    source = "import os\n[dict(os.environ), os.getenv('REGION')]"

    assert (await play(source, guarded=False, env_vars=VARIABLES)).value == [VARIABLES, "eu-1"]


async def test_what_a_program_writes_there_is_its_own(play: Play) -> None:
    """Python programs write to theirs; the next run begins with what was given."""
    for _ in range(2):
        assert (await play(WRITE, env_vars=VARIABLES)).value == ["1", "NAME", "NEW", "REGION"]


async def test_libraries_do_not_read_what_a_program_writes(play: Play) -> None:
    """Theirs is the interpreter's environment, which stays empty: a path of time zones given there is not followed."""
    source = "import os, zoneinfo\nos.environ['PYTHONTZPATH'] = 3\nstr(zoneinfo.ZoneInfo('Europe/Berlin'))"

    assert (await play(source)).value == "Europe/Berlin"


async def test_os_has_two_names(play: Play) -> None:
    """Whatever else the real module offers."""
    assert (await play("import os\n[n for n in dir(os) if n[0] != '_']")).value == sorted(OS_NAMES)


async def test_another_member_of_os_says_what_there_is(play: Play) -> None:
    """Models begin programs with os.getcwd."""
    error = (await play("import os\nos.getcwd()")).error

    assert (error.type, error.message) == ("AttributeError", "module 'os' has no attribute 'getcwd'")
    assert error.hint == ABSENT_MEMBERS["os.getcwd"]


async def test_a_name_that_is_no_text_is_refused_as_in_python(play: Play) -> None:
    """Not answered with the default."""
    error = (await play("import os\nos.getenv(3)")).error

    assert (error.type, error.message) == ("TypeError", "str expected, not int")


def test_the_environment_is_part_of_a_programs_identity() -> None:
    """A journal of a program with another environment is that of another program; the order of the names is none."""

    def digest(**variables: str) -> str:
        program = Program(source="1", env_vars=variables)
        return Header.of(program, engine="e", engine_version="1", inputs={}, seed=0, now=0).program_digest

    assert digest(A="1", B="2") == digest(B="2", A="1")
    assert len({digest(), digest(A="1"), digest(A="2"), digest(B="1")}) == 4
