"""Runs programs on a real engine turn by turn: the fixtures of the conformance and the hostile suites."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.engines.table import NAMES, make_engine
from sandbox.execute import Finished, execute
from sandbox.limits import Limits
from sandbox.start import Start
from sandbox.turns import (
    Blocked,
    Call,
    ErrorReport,
    FunctionSpec,
    LimitExceeded,
    Outcome,
    Program,
    Progress,
    Raised,
    Returned,
)
from tests.on_monty import note_end

NOW = 1_700_000_000_000_000_000
Answer = Callable[[Call], Outcome]


@dataclass(frozen=True)
class Played:
    """A whole execution: every turn, and how it ended."""

    turns: list[Progress]

    @property
    def end(self) -> Progress:
        return self.turns[-1]

    @property
    def value(self) -> Any:
        assert isinstance(self.end, Returned), self.end
        return self.end.value

    @property
    def error(self) -> ErrorReport:
        assert isinstance(self.end, Raised), self.end
        return self.end.error

    @property
    def limit(self) -> str:
        assert isinstance(self.end, LimitExceeded), self.end
        return self.end.limit

    @property
    def output(self) -> str:
        return "".join(turn.output for turn in self.turns)

    @property
    def calls(self) -> list[Call]:
        return [call for turn in self.turns if isinstance(turn, Blocked) for call in turn.new_calls]


def echo(call: Call) -> Outcome:
    """Answer a call with its first argument."""
    return Outcome(number=call.number, value=call.args[0] if call.args else None)


def of_cpython(parameter: Any) -> Any:
    """Return a parameter for which a test is about that engine alone."""
    return pytest.param(parameter, marks=pytest.mark.of_cpython)


def counted(used: int | None) -> int:
    """Return what an engine counts that does count it."""
    assert used is not None
    return used


Play = Callable[..., Awaitable[Played]]


@pytest.fixture(params=NAMES)
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Every engine, opened."""
    opened = make_engine(request.param, workers=2)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def play(engine: Engine) -> Play:
    """Return a function that runs a source to its end, answering every call at once."""
    return functools.partial(play_on, engine)


async def play_on(
    engine: Engine,
    source: str,
    inputs: dict[str, Any] | None = None,
    *,
    sync: Sequence[str] = (),
    asynchronous: Sequence[str] = (),
    answer: Answer = echo,
    seed: int = 7,
    guarded: bool = True,
    env_vars: dict[str, str] | None = None,
    **limits: float,
) -> Played:
    """Run a source to its end on an engine."""
    specs = [FunctionSpec(name=name) for name in sync]
    specs += [FunctionSpec(name=name, is_async=True) for name in asynchronous]
    program = Program(source=source, functions=tuple(specs), guarded=guarded, env_vars=env_vars or {})
    bounds = Limits(**limits)  # type: ignore[arg-type]
    execution = engine.execution(program, limits=bounds, seed=seed)
    outcomes: dict[int, Outcome] = {}
    now = NOW
    async with asyncio.timeout(60):
        turns = [await execution.start(inputs or {}, now=now)]
        while isinstance(blocked := turns[-1], Blocked):
            outcomes |= {call.number: answer(call) for call in blocked.new_calls}
            now = max(now + 1_000_000, blocked.wake_at or 0 if not blocked.waiting_for else 0)
            ready = [outcomes[number] for number in sorted(blocked.waiting_for)]
            turns.append(await execution.advance(ready, now=now))
    played = Played(turns)
    note_end(played.end, played.output)
    return played


async def run(
    engine: Engine, source: str, *tasks: Any, inputs: dict[str, Any] | None = None, **limits: float
) -> Finished:
    """Run a program to its end."""
    functions = {one.name: one for one in map(HostFunction.of, tasks)}
    finished = await execute(
        engine,
        Start(
            program=Program(source=source, functions=tuple(one.spec() for one in functions.values())),
            inputs=inputs or {},
            functions=functions,
            limits=Limits(**limits),  # type: ignore[arg-type]
            seed=7,
        ),
    )
    note_end(finished, finished.output)
    return finished
