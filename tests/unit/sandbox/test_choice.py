"""Which engine runs a program."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox.choice import LONGEST, MEMORY, Engines, needs_of
from sandbox.engine import Execution
from sandbox.errors import EngineCrashed, EngineUnavailable
from sandbox.limits import Limits
from sandbox.turns import Compilation, FunctionSpec, Program, Reuse
from sandbox.types import from_text

SIMPLE, OTHER = Program(source="x * 2"), Program(source="import decimal")


@dataclass
class PickyEngine:
    """Runs programs without an import, and notes of which ones it was asked."""

    name: str
    version: str = "1"
    asked: list[Program] = field(default_factory=list)
    is_open: bool = False

    async def open(self) -> None:
        """Be open, unless it is of a name that cannot be."""
        if self.name == "broken":
            raise EngineUnavailable("no interpreter")
        self.is_open = True

    async def close(self) -> None:
        """Be closed."""
        self.is_open = False

    def is_ready(self) -> bool:
        """Whether it is open."""
        return self.is_open

    async def suits(self, program: Program) -> bool:
        """Whether the program imports nothing."""
        self.asked.append(program)
        if program.source == "(((":
            raise EngineCrashed("its worker process died")
        return "import" not in program.source

    def execution(self, program: Program, *, limits: Limits, seed: int) -> Execution:
        """Never asked for."""
        raise NotImplementedError

    async def compile(self, program: Program, *, limits: Limits) -> Compilation:
        """Never asked for."""
        raise NotImplementedError


def engines() -> tuple[Engines[PickyEngine], PickyEngine]:
    """Two engines, and the second of them."""
    quick = PickyEngine("quick")
    return Engines([PickyEngine("whole"), quick]), quick


async def test_auto_takes_the_quick_engine_for_what_it_surely_runs() -> None:
    """Otherwise a program would fail that the other one runs."""
    found, _ = engines()

    assert [(await found.chosen("auto", one)).name for one in (SIMPLE, OTHER)] == ["quick", "whole"]


async def test_auto_takes_the_whole_engine_for_what_only_that_has() -> None:
    """A limit that the other one lacks must not be left out silently."""
    found, quick = engines()

    assert (await found.chosen("auto", SIMPLE, ("limits.fuel",))).name == "whole"
    assert quick.asked == []


async def test_a_text_that_the_quick_engine_dies_of_or_that_is_very_long_is_for_the_other() -> None:
    """Whoever asked for `auto` named neither."""
    found, quick = engines()
    nested, long = Program(source="((("), Program(source="#" * (LONGEST + 1))

    assert [(await found.chosen("auto", one)).name for one in (nested, nested, long)] == ["whole"] * 3
    assert quick.asked == [nested]


async def test_a_named_engine_is_taken_without_a_look_at_the_program() -> None:
    """It refuses what it cannot run itself."""
    found, quick = engines()

    assert [(await found.chosen(name, OTHER)).name for name in ("quick", "whole")] == ["quick", "whole"]
    assert quick.asked == []


async def test_an_engine_that_is_not_here_is_named_with_those_that_are() -> None:
    """As for a run that waited while the operator removed its engine."""
    found, _ = engines()
    with pytest.raises(EngineUnavailable) as caught:
        await found.chosen("monty", SIMPLE)

    assert str(caught.value) == "the engine 'monty' is not here any more; engines: whole, quick"


async def test_an_engine_is_asked_once_about_a_program() -> None:
    """The names of its functions are part of what decides; which ones are remembered is bounded."""
    found, quick = engines()
    with_function = Program(source="x * 2", functions=(FunctionSpec(name="x"),))
    for program in (SIMPLE, SIMPLE, with_function, SIMPLE):
        await found.chosen("auto", program)
    assert quick.asked == [SIMPLE, with_function]

    for number in range(MEMORY):
        await found.chosen("auto", Program(source=str(number)))
    await found.chosen("auto", SIMPLE)
    assert quick.asked[-1] == SIMPLE


async def test_all_engines_are_opened_and_closed_together() -> None:
    """A program finds its engine, whichever it asks for."""
    found, quick = engines()
    assert not found.are_ready()
    await found.open()
    assert found.are_ready()
    quick.is_open = False
    assert not found.are_ready()
    await found.close()

    assert [one.is_open for one in found.all] == [False, False]


async def test_no_engine_is_left_open_where_one_cannot_be() -> None:
    """A service that does not start leaves no process behind."""
    found = Engines([PickyEngine("whole"), PickyEngine("broken")])
    with pytest.raises(EngineUnavailable, match="no interpreter"):
        await found.open()

    assert [one.is_open for one in found.all] == [False, False]


REUSE = Reuse(owner="a", fewest=0, most=1, idle_seconds=1.0, scaledown_seconds=1.0)


@pytest.mark.parametrize(
    ("program", "limits", "types", "needs"),
    [
        (SIMPLE, ["calls"], {"the input 'x'": "dict[str, list[int]]"}, ()),
        (SIMPLE, ["calls", "fuel"], {}, ("limits.fuel",)),
        (Program(source="", guarded=False, reuse=REUSE), [], {}, ('policy "open"', "reusable")),
        (SIMPLE, [], {"the input 'x'": "list[File]"}, ("the input 'x' of type list[File]",)),
    ],
)  # fmt: skip
def test_what_only_the_whole_engine_has_is_said_in_words(
    program: Program, limits: list[str], types: dict[str, str], needs: tuple[str, ...]
) -> None:
    """They stand in the refusal of a run that names another engine."""
    kinds: dict[str, Any] = {what: from_text(text) for what, text in types.items()}

    assert needs_of(program, limits=limits, types=kinds) == needs
