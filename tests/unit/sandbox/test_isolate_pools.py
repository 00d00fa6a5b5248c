"""Which isolate a run gets, and when isolates go, on a clock that is moved by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sandbox.engines.workers.reuse import MAX_KEPT_PER_WORKER, Kept, Key, Pools, key_of, may_be_kept
from sandbox.limits import MIB, Limits
from sandbox.turns import ErrorReport, FunctionSpec, LimitExceeded, Program, Progress, Raised, Returned, Reuse, Spent

TERMS = Reuse(owner="a", fewest=1, most=2, idle_seconds=100, scaledown_seconds=30)
PROGRAM = Program(source="1", functions=(FunctionSpec(name="f"),), env_vars={"A": "1"}, reuse=TERMS)
LIMITS = Limits()


class Loop:
    """A clock, and the one thing that is to be done later."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, call: Callable[[], None]) -> "Loop":
        self._due = [(when, call)]
        return self

    def cancel(self) -> None:
        self._due = []

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self._due and self._due[0][0] <= end:
            self.now, call = self._due.pop()
            call()
        self.now = end


class Worker:
    """Notes which isolates it is told to drop."""

    def __init__(self) -> None:
        self.dropped: list[int] = []

    def drop_isolate(self, number: int) -> None:
        self.dropped.append(number)


class Run:
    """An execution, as far as pools know it."""

    def __init__(self, number: int, worker: Any = None) -> None:
        self.number = number
        self.worker = worker
        self.key = key_of(PROGRAM, LIMITS)
        self.takes_over: Kept | None = None
        self.leaves_isolate = True

    def begin(self) -> "Run":
        """It is sent to its worker."""
        self.takes_over = None
        return self


class Playing:
    """Pools, and what they placed."""

    def __init__(self, program: Program = PROGRAM) -> None:
        self.loop, self.worker = Loop(), Worker()
        self.placed: list[tuple[int, int]] = []
        self.placing: Callable[[Run], None] = lambda _run: None
        self.pools: Pools[Run] = Pools(self.loop, self._place)  # type: ignore[arg-type]  # what is used of a loop
        self._key = key_of(program, LIMITS)

    @property
    def key(self) -> Key:
        assert self._key is not None
        return self._key

    def _place(self, run: Run) -> None:
        self.placed.append((run.number, run.takes_over.number if run.takes_over else 0))
        self.placing(run)

    def admit(self, number: int) -> Run:
        """A run wants an isolate."""
        run = Run(number, self.worker)
        self.pools.admit(run, self.key)
        return run

    def run(self, *numbers: int) -> None:
        """Have runs begin together and end in their order, each leaving its isolate."""
        for one in [self.admit(number).begin() for number in numbers]:
            self.pools.release(one, self.key)


def test_the_isolate_used_last_is_used_next() -> None:
    """So that those which are not needed grow old."""
    playing = Playing()
    playing.run(1, 2)
    playing.run(3)
    playing.run(4, 5)

    assert playing.placed == [(1, 0), (2, 0), (3, 2), (4, 3), (5, 1)]


def test_further_runs_wait_until_an_isolate_is_free() -> None:
    """In the order in which they came."""
    playing = Playing()
    first, _, third, _ = [playing.admit(number) for number in (1, 2, 3, 4)]
    assert playing.placed == [(1, 0), (2, 0)]

    playing.pools.release(third, playing.key)
    playing.pools.release(first.begin(), playing.key)

    assert playing.placed == [(1, 0), (2, 0), (4, 1)]


def test_an_isolate_that_a_run_did_not_begin_in_stays() -> None:
    """The run was given up while it waited for the worker."""
    playing = Playing()
    playing.run(1)
    playing.pools.release(playing.admit(2), playing.key)
    playing.run(3)

    assert playing.placed == [(1, 0), (2, 1), (3, 1)]
    assert playing.worker.dropped == []


def test_all_but_the_fewest_go_one_by_one_when_they_are_not_used() -> None:
    """`scaledown_ttl` counts for each, from its own last run."""
    playing = Playing()
    playing.run(1, 2)
    playing.loop.advance(29)
    playing.run(3)
    playing.loop.advance(0.5)
    assert playing.worker.dropped == []

    playing.loop.advance(0.6)
    assert playing.worker.dropped == [1]

    playing.loop.advance(60)
    assert playing.worker.dropped == [1]


def test_all_of_them_go_when_there_is_no_run_for_long() -> None:
    """`idle_ttl` counts for the template; afterwards nothing is remembered of it."""
    playing = Playing()
    playing.run(1, 2)
    playing.loop.advance(99)
    assert playing.worker.dropped == [1]

    playing.loop.advance(1)
    assert playing.worker.dropped == [1, 2]
    assert len(playing.pools) == 0
    assert playing.pools._pools == {}


def test_a_run_under_way_keeps_the_fewest_alive() -> None:
    """However long it takes: the template is not idle."""
    playing = Playing(replace(PROGRAM, reuse=replace(TERMS, fewest=2)))
    playing.run(1, 2)
    run = playing.admit(3).begin()
    playing.loop.advance(1_000)
    assert playing.worker.dropped == []

    playing.pools.release(run, playing.key)
    playing.loop.advance(99)
    assert len(playing.pools) == 2


def test_a_worker_keeps_so_many_isolates_and_then_drops_the_oldest() -> None:
    """Of whatever template it is: an idle isolate is memory that runs may need."""
    playing = Playing(replace(PROGRAM, reuse=replace(TERMS, most=1_000)))
    playing.run(*range(1, MAX_KEPT_PER_WORKER + 3))

    assert playing.worker.dropped == [1, 2]
    assert len(playing.pools) == MAX_KEPT_PER_WORKER


def test_a_worker_that_is_gone_has_no_isolates() -> None:
    """The next run begins in a fresh one."""
    playing = Playing()
    playing.run(1)
    playing.pools.drop_of(playing.worker)  # type: ignore[arg-type]  # a worker, as far as pools know it
    playing.run(2)

    assert playing.placed == [(1, 0), (2, 0)]


def test_a_run_that_gives_way_while_another_is_placed_is_released_in_the_midst_of_it() -> None:
    """Placing makes room, and making room ends runs: of the same template, too."""
    playing = Playing(replace(PROGRAM, reuse=replace(TERMS, most=1)))
    first, second = playing.admit(1).begin(), playing.admit(2)
    first.leaves_isolate = second.leaves_isolate = False
    playing.placing = lambda run: playing.pools.release(run.begin(), playing.key)
    playing.pools.release(first, playing.key)

    assert playing.placed == [(1, 0), (2, 0)]
    assert playing.pools._pools == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "2"},
        {"functions": (FunctionSpec(name="g"),)},
        {"guarded": False},
        {"stack_depth": 5},
        {"tenant": "other"},
        {"env_vars": {"A": "2"}},
        {"reuse": replace(TERMS, owner="b")},
    ],
)
def test_whatever_differs_tells_isolates_apart(changes: dict[str, Any]) -> None:
    """Program, environment, policy, tenant and template; and the memory limit."""
    assert key_of(replace(PROGRAM, **changes), LIMITS) != key_of(PROGRAM, LIMITS)
    assert key_of(PROGRAM, Limits(memory_bytes=40 * MIB)) != key_of(PROGRAM, LIMITS)
    assert key_of(PROGRAM, Limits(fuel=10**9)) == key_of(PROGRAM, LIMITS)
    assert key_of(replace(PROGRAM, reuse=None), LIMITS) is None


def _raised(kind: Any, name: str = "ValueError") -> Raised:
    return Raised(error=ErrorReport(kind=kind, type=name, message=""), spent=Spent(memory_bytes=20 * MIB))


@pytest.mark.parametrize(
    ("progress", "kept"),
    [
        (Returned(spent=Spent(memory_bytes=20 * MIB)), True),
        (Returned(spent=Spent(memory_bytes=42 * MIB)), True),
        (Returned(spent=Spent(memory_bytes=43 * MIB)), False),
        (_raised("runtime"), True),
        (_raised("function"), True),
        (_raised("type"), True),
        (_raised("limit"), False),
        (_raised("policy"), False),
        (_raised("runtime", "InterpreterAborted"), False),
        (LimitExceeded(limit="memory_bytes", spent=Spent(memory_bytes=20 * MIB)), False),
    ],
)
def test_an_isolate_is_kept_when_its_program_ended_by_itself_with_memory_left(
    progress: Progress, *, kept: bool
) -> None:
    """Half of what it may grow by is the next run's at least; of a fresh 20 MiB and 64 allowed, up to 42."""
    assert may_be_kept(progress, fresh_bytes=20 * MIB, allowed_bytes=64 * MIB) == kept
