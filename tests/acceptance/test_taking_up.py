"""Runs that wait are taken up by an interpreter and in the store at once: nothing comes of it unless both succeed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
import pytest_asyncio
from sqlalchemy import Connection

from sandbox import TaskEnvironment
from service.assembly import make_service
from service.errors import RunConflict, StorageFull, StoreUnavailable
from service.functions.client import ClientFunction
from service.rights import OPERATOR
from service.runs.record import Run
from service.runs.resume import Answer
from service.runs.submission import Submission
from service.runs.tenant import TenantRuns
from service.service import Service
from service.settings import Settings
from service.store.database import Store, open_store
from service.store.rows import At
from service.store.runs import change_run
from tests.waiting import until

KEPT_BYTES = 100_000
LOOKING = 'said = await ask()\nprint("told", said)\nlook(said)'
WAITING = "said = await ask()\nawait be_let()\nlook(said)"
SEEN: list[Any] = []
MAY_GO_ON: list[asyncio.Event] = []
_T = TypeVar("_T")
env = TaskEnvironment(name="taking-up")


@env.task(effect="read")
async def look(what: str) -> str:
    """Look at something: the journal need not say so before it is done."""
    SEEN.append(what)
    return what


@env.task(effect="read")
async def be_let() -> None:
    """Wait until the test goes on."""
    SEEN.append("waits")
    await MAY_GO_ON[0].wait()


class Steered:
    """A store of which a test says when it answers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.before_writing: list[Callable[[], Awaitable[None]]] = []
        """Awaited before the next writes, one for each."""
        self.after_reading: list[Callable[[], Awaitable[None]]] = []
        """Awaited when the next reads have been done, one for each."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def write(self, job: Callable[[Connection], _T]) -> _T:
        """Write, a little later."""
        if self.before_writing:
            await self.before_writing.pop(0)()
        return await self._store.write(job)

    async def read(self, query: Callable[[Connection], _T]) -> _T:
        """Read, and take some time to tell."""
        found = await self._store.read(query)
        if self.after_reading:
            await self.after_reading.pop(0)()
        return found


@pytest.fixture
def store(tmp_path: Path) -> Steered:
    """An SQLite file."""
    SEEN.clear()
    MAY_GO_ON[:] = [asyncio.Event()]
    return Steered(open_store(str(tmp_path / "isthmus.db")))


@pytest_asyncio.fixture(loop_scope="function")
async def service(store: Steered) -> AsyncIterator[Service]:
    """A service that holds no interpreter for a run that waits."""
    settings = Settings(workers=1, hold_seconds=0, max_kept_bytes=KEPT_BYTES)
    made = make_service(settings, env.functions.values(), store=cast(Store, store))
    await made.open()
    yield made
    await made.close()


async def waiting(service: Service, source: str) -> Run:
    """Return a run that waits, and that no interpreter works for."""
    submission = Submission(
        source=source, functions=("look", "be_let"), client_functions=(ClientFunction(name="ask"),), wait_seconds=60
    )
    run = await service.orchestrate(submission, OPERATOR)
    assert run.status == "suspended", run
    await until(lambda: level(service, "isthmus_isolates_waiting") == 0)
    return run


def runs(service: Service) -> TenantRuns:
    """Return the runs of the tenant."""
    return service.runs(OPERATOR)


def answer(run: Run, output: str) -> list[Answer]:
    """Return the answer to the call for which a run waits."""
    return [Answer(call_id=run.pending[0].call_id, output=output)]


def level(service: Service, name: str) -> float:
    """Return one of the numbers of the service."""
    lines = service.metrics(OPERATOR).decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def replayed(service: Service) -> Callable[[], Awaitable[None]]:
    """Return what waits until an interpreter has come as far as the journal, and waits there."""
    return lambda: until(lambda: level(service, "isthmus_isolates_waiting") == 1)


async def events(service: Service, run: Run) -> list[str]:
    """Return the names of the events of a run."""
    return [one.name async for one in service.follow(run.id, OPERATOR) if one is not None]


async def test_an_answered_run_is_replayed_while_its_answer_is_being_stored(service: Service, store: Steered) -> None:
    """Whoever waits for it waits for the longer of the two; nothing new is done before the answer is stored."""
    run = await waiting(service, LOOKING)
    seen: list[list[Any]] = []

    async def come_to_news() -> None:
        await replayed(service)()
        seen.append([*SEEN])

    store.before_writing = [come_to_news]
    ended = await runs(service).resume(run.id, answer(run, "A"))

    assert (ended.status, ended.output, ended.stdout) == ("completed", "A", "told A\n")
    assert (seen, SEEN) == ([[]], ["A"])
    assert await events(service, run) == [
        "run.queued", "run.started", "call.started", "run.suspended", "call.completed", "run.resumed", "output.delta",
        "call.started", "call.completed", "run.completed",
    ]  # fmt: skip


async def test_an_answer_without_room_leaves_no_trace_of_the_replay(service: Service, store: Steered) -> None:
    """The run waits on as if nobody had tried, and has room for a shorter answer."""
    run = await waiting(service, LOOKING)
    reading: list[asyncio.Task[Run]] = []

    async def be_read() -> None:
        await replayed(service)()
        reading.append(asyncio.create_task(runs(service).read(run.id, wait_seconds=30)))
        await asyncio.sleep(0)

    store.before_writing = [be_read]

    with pytest.raises(StorageFull):
        await runs(service).resume(run.id, answer(run, "x" * KEPT_BYTES))

    assert (SEEN, level(service, "isthmus_isolates_waiting"), level(service, "isthmus_running")) == ([], 0, 0)
    assert replace(await reading[0], weight=run.weight) == run
    assert await events(service, run) == ["run.queued", "run.started", "call.started", "run.suspended"]
    assert (await runs(service).resume(run.id, answer(run, "short"))).output == "short"
    assert SEEN == ["short"]


async def test_a_run_that_was_taken_meanwhile_is_let_go_before_it_did_anything(
    service: Service, store: Steered
) -> None:
    """Of two processes one has it; the other has gone through its journal in vain."""
    run = await waiting(service, LOOKING)

    async def take() -> None:
        await replayed(service)()
        at = At(status="suspended", wake=0)
        await store.write(
            lambda one: change_run(one, run.id, expected=at, wake=1, status="cancelled", finished_at=run.seed)
        )

    store.before_writing = [take]

    with pytest.raises(RunConflict, match="the run is cancelled, and waits for nothing"):
        await runs(service).resume(run.id, answer(run, "A"))

    assert (SEEN, level(service, "isthmus_isolates_waiting"), level(service, "isthmus_running")) == ([], 0, 0)


async def test_a_run_that_could_not_be_stored_can_be_answered_again(service: Service, store: Steered) -> None:
    """A database that fails for a moment must not keep a run from ever going on."""
    run = await waiting(service, LOOKING)

    async def fail() -> None:
        await replayed(service)()
        raise StoreUnavailable("SQLITE_IOERR")

    store.before_writing = [fail]

    with pytest.raises(StoreUnavailable):
        await runs(service).resume(run.id, answer(run, "A"))

    assert SEEN == []
    assert (await runs(service).resume(run.id, answer(run, "B"))).output == "B"
    assert SEEN == ["B"]


async def test_a_run_whose_service_stops_while_its_answer_is_being_stored_goes_on_in_the_next(
    service: Service, store: Steered, tmp_path: Path
) -> None:
    """The answer is stored, and what was not done yet is done once."""
    run = await waiting(service, LOOKING)

    async def stop() -> None:
        await replayed(service)()
        service.stop()
        await asyncio.sleep(0)

    store.before_writing = [stop]
    stopped = await runs(service).resume(run.id, answer(run, "A"))
    seen = [*SEEN]
    await service.close()
    following = make_service(
        Settings(workers=1), env.functions.values(), store=open_store(str(tmp_path / "isthmus.db"))
    )
    await following.open()
    try:
        ended = await runs(following).read(run.id, wait_seconds=30)
    finally:
        await following.close()

    assert (stopped.status, seen) == ("running", [])
    assert (ended.status, ended.output, SEEN) == ("completed", "A", ["A"])


async def test_a_run_that_ended_elsewhere_is_told_as_it_ended_there(service: Service, store: Steered) -> None:
    """The one that is told a value must not be told otherwise when it asks again."""
    run = await waiting(service, LOOKING)

    async def go_on() -> None:
        """The answer is stored."""

    async def cancel() -> None:
        at = At(status="running", wake=1)
        await store.write(
            lambda one: change_run(one, run.id, expected=at, wake=2, status="cancelled", finished_at=run.seed)
        )

    store.before_writing = [go_on, cancel]
    ended = await runs(service).resume(run.id, answer(run, "A"))

    assert (ended.status, ended.output) == ("cancelled", None)


async def test_whoever_leaves_while_the_answer_is_being_stored_does_not_stop_the_run(
    service: Service, store: Steered
) -> None:
    """The answer is stored all the same, and nobody else would drive the run."""
    run = await waiting(service, LOOKING)
    begun, may_store = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        begun.set()
        await may_store.wait()

    store.before_writing = [hold]
    resuming = asyncio.create_task(runs(service).resume(run.id, answer(run, "A")))
    await begun.wait()
    resuming.cancel()
    await asyncio.wait([resuming])
    may_store.set()

    ended = await runs(service).read(run.id, wait_seconds=30)

    assert (resuming.cancelled(), ended.status, ended.output) == (True, "completed", "A")


@pytest.mark.parametrize("reads", [1, 2])
async def test_a_run_is_driven_once_when_an_answer_and_what_is_due_come_together(
    service: Service, store: Steered, reads: int
) -> None:
    """Two drivers of one program would each take half of its turns."""
    run = await waiting(service, WAITING)
    resuming: list[asyncio.Task[Run]] = []

    async def be_answered() -> None:
        resuming.append(asyncio.create_task(runs(service).resume(run.id, answer(run, "A"))))
        await until(lambda: SEEN == ["waits"])

    async def go_on() -> None:
        """The run itself is read first, then the rights with which it goes on."""

    store.after_reading = [*[go_on] * (reads - 1), be_answered]
    attending = asyncio.create_task(service.attend(run.id, 0))
    await until(lambda: SEEN == ["waits"])
    MAY_GO_ON[0].set()
    await attending
    ended = await resuming[0]

    assert (ended.status, ended.output, ended.error) == ("completed", "A", None)
    assert SEEN == ["waits", "A"]


async def test_a_run_that_is_woken_and_cancelled_at_once_is_cancelled(service: Service, store: Steered) -> None:
    """Whoever cancels hears that it is done, and it is."""
    run = await waiting(service, WAITING)
    cancelling: list[asyncio.Task[Run]] = []

    async def be_cancelled() -> None:
        cancelling.append(asyncio.create_task(runs(service).cancel(run.id)))
        await replayed(service)()

    store.before_writing = [be_cancelled]
    await service.attend(run.id, 0)
    ended = await cancelling[0]

    assert (ended.status, (await runs(service).read(run.id)).status) == ("cancelled", "cancelled")
