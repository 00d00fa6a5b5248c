"""Bare isolates, without worker protocol or HTTP: what a fresh one costs, and how many a machine makes.

Everything here runs in processes of its own, started by `bench.__main__`: nothing else computes in them.
"""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, Never

from bench import samples
from sandbox.engines.cpython import wasi
from sandbox.engines.cpython.artifact import compiled_guest
from sandbox.engines.cpython.isolate import Isolate, Runtime
from sandbox.engines.workers import messages
from sandbox.engines.workers.clock import CLOCK_STEP_NANOSECONDS
from sandbox.limits import Limits
from sandbox.turns import Program

ROUNDS, WARM_UP = 300, 30
_TICK_SECONDS = 0.01
_LIMITS = Limits()
_NOW = 1_700_000_000 * 10**9


class Unattended:
    """The host of a program that makes no calls."""

    stop: str | None = None

    def __init__(self) -> None:
        self.random = wasi.RandomStream(7)
        self._now = _NOW

    def read_clock(self) -> int:
        """Return a time that moves on by a step."""
        self._now += CLOCK_STEP_NANOSECONDS
        return self._now

    def end_turn(self, progress: str) -> Never:
        """Refuse: the measured program calls nothing."""
        raise AssertionError(progress)

    def write(self, text: str) -> None:
        """Forget the text."""

    def note(self, code: str, line: int) -> None:
        """Forget the note."""

    def must_stop(self) -> bool:
        """Let the guest go on."""
        return False


def cost_of_fresh() -> dict[str, list[float]]:
    """Return samples in milliseconds by name: processor time and latency, with and without the policy."""
    runtime = ready_runtime()
    taken: dict[str, list[float]] = {}
    for number in range(ROUNDS + WARM_UP):
        for name, options in _VARIANTS.items():
            for quantity, value in _sample(runtime, **options).items():
                if number >= WARM_UP:
                    taken.setdefault(f"{name} {quantity}", []).append(value)
    return taken


@contextmanager
def counting(*, processes: int, seconds: float, shares: list[float]) -> Iterator[Callable[[], float]]:
    """Give a function that returns how many fresh isolates for `x * 2` that many processes finish per second.

    `shares` gets, for each call, which share of that many cores the processes were given: others may compute too.
    """
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(processes)
    with ProcessPoolExecutor(processes, mp_context=spawn, initializer=_warm_up, initargs=(together,)) as pool:

        def per_second() -> float:
            counted = list(pool.map(_count, [seconds] * processes, chunksize=1))
            shares.append(sum(cpu for _, cpu in counted) / (seconds * processes))
            return sum(count for count, _ in counted) / seconds

        per_second()
        shares.clear()
        yield per_second


def in_own_process(measure: Any) -> Any:
    """Return what `measure` returns in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure).result()


_VARIANTS: dict[str, dict[str, bool]] = {
    "guarded": {"guarded": True, "prepared": True},
    "plain": {"guarded": False, "prepared": True},
    "plain, nothing prepared": {"guarded": False, "prepared": False},
}


def ready_runtime(compiled: Path | None = None) -> Runtime:
    """Return a runtime for a compiled guest; default: the one that ships."""
    runtime = Runtime(compiled or compiled_guest())
    # A worker has this thread too: it is what ends a guest that computes for too long.
    threading.Thread(target=_tick, args=(runtime,), daemon=True).start()
    return runtime


def _tick(runtime: Runtime) -> None:
    while True:
        time.sleep(_TICK_SECONDS)
        runtime.tick()


def _sample(runtime: Runtime, *, guarded: bool, prepared: bool) -> dict[str, float]:
    request = _request(guarded=guarded)
    cpu, begin = time.thread_time(), time.perf_counter()
    isolate, host = Isolate(runtime), Unattended()
    if prepared:
        isolate.prepare(host)
    made = time.perf_counter()
    answer = isolate.run(request, host, fuel=_LIMITS.fuel, memory_bytes=_LIMITS.memory_bytes)
    ran = time.perf_counter()
    isolate.close()
    end, cpu = time.perf_counter(), time.thread_time() - cpu
    _check(answer)
    return {"cpu": cpu * 1000, "total": (end - begin) * 1000, "run": (ran - made) * 1000}


def _request(*, guarded: bool) -> str:
    program = Program(source="x * 2", guarded=guarded)
    return messages.request(program, {"x": 21}, seed=7, now=_NOW, limits=_LIMITS)


def _check(answer: str) -> None:
    if messages.read_final(answer, _LIMITS).value != 42:
        raise AssertionError(answer)


_warm: list[tuple[Runtime, Barrier]] = []


def _warm_up(together: Barrier) -> None:
    runtime = ready_runtime()
    samples.interleave({"": lambda: _sample(runtime, guarded=True, prepared=True)["cpu"]}, rounds=20)
    _warm.append((runtime, together))


def _count(seconds: float) -> tuple[int, float]:
    runtime, together = _warm[0]
    # Nobody begins before all do: no process takes two shares, and none counts while another one only starts.
    together.wait()
    cpu, end, count = time.process_time(), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        _sample(runtime, guarded=True, prepared=True)
        count += 1
    return count, time.process_time() - cpu
