"""Stubs and prompt, generated from what runs."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import pytest

from sandbox import DataFrame, Dir, File, policy
from sandbox.checker.process import find_checker, run_checker
from sandbox.dispatch import HostFunction
from sandbox.engines.monty import subset
from sandbox.limits import Limits
from service.functions.texts import Mode, prompt, stub_file


async def book(when: datetime, price: Decimal | None = None) -> bool:
    """Book a seat."""
    return price is not None and when.year > 2000


def keep(
    file: File, tables: dict[UUID, DataFrame], kind: Literal["a", "b"], rows: list[dict[str, Any]] | None = None
) -> tuple[Dir, ...]:
    """Keep what is opaque."""
    raise NotImplementedError


BOOK = HostFunction.of(book)
CONFIGURED = {"ty.toml": '[rules]\nall = "warn"\n', "given/__builtins__.pyi": ""}


def test_a_stub_file_imports_what_it_names() -> None:
    """A type checker reads it as it is."""
    assert stub_file([BOOK], mode="sync") == (
        '"""Functions that a program may call, as sync code sees them."""\n\n'
        "from datetime import datetime\nfrom decimal import Decimal\n\n\n"
        "def book(when: datetime, price: Decimal | None = None) -> bool:\n"
        '    """Book a seat."""\n    ...\n'
    )


@pytest.mark.parametrize("mode", ["async", "sync"])
def test_a_stub_file_leaves_a_type_checker_no_question(mode: Mode) -> None:
    """Each type that a signature may name is there, in both modes."""
    stubs = stub_file([BOOK, HostFunction.of(keep)], mode=mode)

    found = run_checker({**CONFIGURED, "program.py": stubs}, find_checker())

    # A checker takes a function without a body for one that returns nothing, unless it is told that this is a stub.
    assert {one["check_name"] for one in found} <= {"invalid-implicit-return-in-function-with-stub-body"}


def test_an_empty_whitelist_is_a_file_too() -> None:
    """Editors open it before there is a function."""
    assert stub_file([], mode="async") == '"""Functions that a program may call, as async code sees them."""\n\n\n'


def test_the_prompt_prints_the_policy() -> None:
    """A rule that is enforced and not told costs every model a round trip."""
    text = prompt([BOOK], limits=Limits(fuel=123_456_789), engine="cpython", engine_version="3.14.0+sha256:0")

    rules = (*policy.SYNTAX, *policy.RULES.values(), *policy.REFUSED, *policy.MODULES, *policy.ASYNCIO_NAMES)
    assert [rule for rule in rules if rule not in text] == []
    assert "async def book(" in text
    assert "`f.aio(x)` makes a call of it that can be awaited and gathered" in text
    assert "enum members their name, and dates, times, durations, Decimal and UUID text" in text
    assert "123,456,789" in text
    assert "cpython 3.14.0)" in text
    assert "sha256" not in text


def test_the_prompt_of_the_other_engine_tells_what_that_lacks() -> None:
    """A model that is told of classes and generators there writes programs that are refused."""
    text = prompt([BOOK], limits=Limits(fuel=123_456_789), engine="monty", engine_version="1.4.0")

    lacking = (*subset.NO_CONSTRUCTS, *subset.NO_SPECIALS, *subset.NO_BUILTINS)
    assert [name for name in lacking if name not in text] == []
    assert "Of asyncio: gather, run, sleep." in text
    assert [
        word for word in ("FunctionError`", "f.aio", "123,456,789", "asdict(x)", "UUID", "enum members") if word in text
    ] == []
    assert "monty 1.4.0)" in text
