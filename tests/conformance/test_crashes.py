"""Workers that die at every moment: no run is lost with them, no call is made twice, no engine stays behind."""

import asyncio
import math
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine import Execution
from sandbox.engines.cpython import launch
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.workers import process
from sandbox.errors import EngineUnavailable
from sandbox.limits import Limits
from sandbox.turns import Outcome, Program, Progress
from tests.play import run


async def opened(workers: int) -> CPythonEngine:
    """Return an open engine."""
    engine = CPythonEngine(workers=workers)
    await engine.open()
    return engine


def kill_all(engine: CPythonEngine) -> None:
    """Kill every worker at once, as a kernel does that has run out of memory."""
    for one in engine.processes():
        os.kill(one, signal.SIGKILL)


async def test_a_worker_that_dies_while_a_run_waits_takes_no_run_with_it() -> None:
    """The program goes on in another worker, which is handed the same turns; no call is made twice."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    counted: list[int] = []

    async def step(n: int) -> int:
        counted.append(n)
        if n == 2:
            for process in engine.processes():
                os.kill(process, signal.SIGKILL)
        return n

    finished = await run(
        engine, "import random\n[step(n) for n in range(4)] + [random.randrange(9) for _ in '123']", step
    )
    undisturbed = await run(engine, "import random\n[random.randrange(9) for _ in '123']")
    await engine.close()

    assert finished.error is None
    assert finished.value == [0, 1, 2, 3, *undisturbed.value]
    assert counted == [0, 1, 2, 3]


async def test_a_program_under_which_workers_keep_dying_ends() -> None:
    """Kind `platform` says that it is ours; the engine goes on."""
    engine = CPythonEngine(workers=1)
    await engine.open()

    async def murder() -> None:
        for _ in range(2):
            while not any(one._taken for one in engine._executions.values()):  # noqa: ASYNC110 - nor when one runs
                await asyncio.sleep(0.01)
            (victim,) = engine.processes()
            os.kill(victim, signal.SIGKILL)
            while victim in engine.processes():  # noqa: ASYNC110 - the engine tells nobody when it has noticed
                await asyncio.sleep(0.01)

    murderer = asyncio.create_task(murder())
    finished = await run(engine, "while True: pass", fuel=10**15, cpu_seconds=30)
    await murderer
    after = await run(engine, "x * 2", inputs={"x": 21})
    await engine.close()

    assert finished.error is not None
    assert (finished.error.kind, finished.error.type) == ("platform", "EngineCrashed")
    assert after.value == 42


async def test_a_worker_that_stops_answering_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run ends at its wall time whatever its worker does, and a worker that does not stop a guest is killed."""
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.2)
    engine = CPythonEngine(workers=1)
    await engine.open()
    (frozen,) = engine.processes()
    os.kill(frozen, signal.SIGSTOP)

    finished = await run(engine, "x * 2", inputs={"x": 21}, wall_seconds=0.2)
    after = await run(engine, "x * 2", inputs={"x": 21})
    replaced = engine.processes()
    await engine.close()

    assert finished.error is not None
    assert finished.error.message == "the program reached the limit wall_seconds of 0.2"
    assert after.value == 42
    assert replaced != [frozen]


async def test_the_next_program_runs_when_all_workers_have_just_died() -> None:
    """Workers that were dead before they got it say nothing about a program."""
    engine = await opened(4)
    for _ in range(3):
        kill_all(engine)
        assert (await run(engine, "x * 2", inputs={"x": 21})).value == 42
    await engine.close()


async def test_a_replay_is_compared_by_what_crossed() -> None:
    """NaN differs from itself; it is the same argument all the same."""
    engine = await opened(1)
    asked: list[float] = []

    async def step(x: float) -> float:
        asked.append(x)
        if len(asked) == 2:
            kill_all(engine)
        return x

    finished = await run(engine, "step(float('nan'))\nstep(1.5)\nstep(2.5)", step)
    await engine.close()

    assert (finished.error, finished.value) == (None, 2.5)
    assert math.isnan(asked[0])
    assert asked[1:] == [1.5, 2.5]


async def test_a_worker_that_dies_while_an_outcome_is_written_is_noticed() -> None:
    """A large outcome is written on a thread; the worker may be gone when it is done."""
    engine = await opened(1)

    async def large() -> list[int]:
        asyncio.get_running_loop().call_later(0.01, kill_all, engine)
        return [*range(400_000)]

    finished = await run(engine, "len(large())", large, wall_seconds=60)
    await engine.close()

    assert (finished.error, finished.value) == (None, 400_000)


async def test_a_new_program_does_not_starve_behind_quick_calls() -> None:
    """Turns are taken in the order in which they came, those of new programs too."""
    engine = await opened(1)
    ended: list[str] = []

    steps: list[int] = []
    under_way = asyncio.Event()

    async def step(n: int) -> int:
        steps.append(n)
        if len(steps) == 50:
            under_way.set()
        return n

    async def note(name: str, source: str) -> None:
        assert (await run(engine, source, step, calls=10_000)).error is None
        ended.append(name)

    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(note("chatty", "for n in range(300): step(n)"))
        await under_way.wait()
        group.create_task(note("short", "1"))
    await engine.close()

    assert ended[0] == "short"


async def test_waiting_for_a_worker_is_no_wall_time() -> None:
    """A program that waits in the queue, here for a worker to be replaced, has not started."""
    engine = await opened(1)
    kill_all(engine)
    while engine.processes():  # noqa: ASYNC110 - the engine tells nobody when it has noticed
        await asyncio.sleep(0)

    finished = await run(engine, "1", wall_seconds=0.25)
    await engine.close()

    assert finished.error is None
    assert finished.usage.queued_seconds > finished.usage.wall_seconds


async def test_an_engine_that_cannot_open_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the workers that had started nor those that were starting."""
    started: list[process.WorkerProcess] = []
    start = process.WorkerProcess.start

    async def start_or_fail(self: process.WorkerProcess, compiled: Path) -> None:
        started.append(self)
        if len(started) == 3:
            raise ConnectionError
        await start(self, compiled)

    monkeypatch.setattr(process.WorkerProcess, "start", start_or_fail)
    engine = CPythonEngine(workers=3)
    with pytest.raises(EngineUnavailable):
        await engine.open()

    assert [one.is_alive() for one in started] == [False] * 3
    assert engine.processes() == []


async def test_a_worker_without_room_gives_a_program_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """An isolate that cannot be made costs its worker nothing: the programs in it go on, the new one waits."""
    few = "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**35, 2**35)); "
    monkeypatch.setattr(launch, "_START", launch._START.replace("from sandbox", f"{few}from sandbox", 1))
    engine = await opened(1)
    (before,) = engine.processes()

    async def wait(n: int) -> int:
        await asyncio.sleep(0.3)
        return n

    ended = await asyncio.gather(*(run(engine, f"wait({n})", wait) for n in range(12)))
    after = engine.processes()
    await engine.close()

    assert [(one.error, one.value) for one in ended] == [(None, n) for n in range(12)]
    assert after == [before]


EVERY_KIND_OF_TURN = """
import asyncio, random, time
one = step(1)
print("one", random.random())
pair = await asyncio.gather(meet(2), meet(3), asyncio.sleep(0.01, "slept"))
try:
    async with asyncio.timeout(0.02):
        await never()
except TimeoutError:
    print("gave up")
try:
    refuse()
except LookupError as error:
    print(error)
[one, pair, step(5), list({"a", "b", "c"}), time.time() > 0]
"""


class DyingEngine(CPythonEngine):
    """Kills its workers at the end of one turn, counted over all executions."""

    def __init__(self, dies_after: int) -> None:
        super().__init__(workers=1)
        self.left = dies_after

    def execution(self, program: Program, *, limits: Limits, seed: int) -> "DyingExecution":  # type: ignore[override]
        """Return an execution whose turns are counted."""
        return DyingExecution(self, super().execution(program, limits=limits, seed=seed))

    async def count(self, turn: Awaitable[Progress]) -> Progress:
        """Count a turn."""
        progress = await turn
        self.left -= 1
        if self.left == 0:
            kill_all(self)
        return progress


class DyingExecution:
    """An execution of a `DyingEngine`."""

    def __init__(self, engine: DyingEngine, execution: Execution) -> None:
        self.foresee = execution.foresee
        self.close = execution.close
        self.is_alone = execution.is_alone
        self.stop = execution.stop
        self._engine = engine
        self._execution = execution

    async def start(self, inputs: Mapping[str, Any], *, now: int, placed: Callable[[], None] | None = None) -> Progress:
        return await self._engine.count(self._execution.start(inputs, now=now, placed=placed))

    async def advance(self, outcomes: Sequence[Outcome], *, now: int) -> Progress:
        return await self._engine.count(self._execution.advance(outcomes, now=now))


async def test_a_worker_that_dies_after_any_turn_changes_nothing() -> None:
    """Same value, same text, every function called once: calls in a row, in parallel, given up and failed."""
    made: list[str] = []

    def step(n: int) -> int:
        made.append(f"step {n}")
        return n

    async def meet(n: int) -> int:
        made.append(f"meet {n}")
        await asyncio.sleep(0.01 if n == 2 else 0)
        return n

    async def never() -> None:
        made.append("never")
        await asyncio.Event().wait()

    def refuse() -> None:
        made.append("refuse")
        message = "refused"
        raise LookupError(message)

    ends: list[tuple[Any, str, list[str]]] = []
    for dies_after in range(9):
        made.clear()
        engine = DyingEngine(dies_after)
        await engine.open()
        finished = await run(engine, EVERY_KIND_OF_TURN, step, meet, never, refuse)
        await engine.close()
        assert finished.error is None
        assert engine.left <= 0
        ends.append((finished.value, finished.output, sorted(made)))

    assert ends == [ends[0]] * 9
    assert ends[0][0][:3] == [1, [2, 3, "slept"], 5]
    assert ends[0][2] == ["meet 2", "meet 3", "never", "refuse", "step 1", "step 5"]
