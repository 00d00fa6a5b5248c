"""The guest's event loop: asyncio without sockets, whose only way to wait is to end the turn."""

import asyncio
import asyncio.base_events
from collections.abc import Coroutine
from typing import Any, NoReturn

from sandbox import policy
from sandbox.engines.cpython.guest.turns import TURNS

_NANOSECONDS = 1_000_000_000
_MAX_WAIT_SECONDS = 10.0**9


class _TurnSelector:
    """What the loop calls instead of `select`."""

    def select(self, timeout: float | None) -> list[Any]:
        """Return at once when something is ready to run, else end the turn."""
        if timeout is not None and timeout <= 0:
            return []
        waiting = TURNS.awaited()
        if timeout is None and not waiting:
            raise RuntimeError("every task waits for something that can never happen")
        wake_at = None
        if timeout is not None:
            wake_at = TURNS.now + max(1, round(min(timeout, _MAX_WAIT_SECONDS) * _NANOSECONDS))
        TURNS.end_turn(waiting, wake_at)
        return []

    def close(self) -> None:
        """Nothing is held open."""


class GuestLoop(asyncio.base_events.BaseEventLoop):
    """An event loop on the turn protocol; its clock stands still while the guest computes."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _TurnSelector()
        # Timers count in floats: a microsecond is far above their rounding and far below what anyone sleeps.
        self._clock_resolution = 1e-6

    def __init_subclass__(cls) -> None:
        raise TypeError("the event loop has no subclasses")

    def set_debug(self, enabled: bool) -> None:  # noqa: ARG002, FBT001 - asyncio's signature
        """Leave debugging off: it records frames."""
        super().set_debug(False)

    def time(self) -> float:
        """Return the time of the current turn, in seconds since the program started."""
        return (TURNS.now - TURNS.started) / _NANOSECONDS

    def run_in_executor(self, *_: Any) -> NoReturn:  # type: ignore[override] # whatever it is given
        """Refuse: the library would import what is not there."""
        error = RuntimeError("there is no executor: a program has one thread")
        error.hint = policy.ABSENT_MEMBERS["asyncio.to_thread"]  # type: ignore[attr-defined] # read by the report
        raise error

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Nobody reads a log here: an exception that no task awaits is dropped, as in Python without logging."""

    def _process_events(self, event_list: list[Any]) -> None:
        """There are no file descriptors, so no events."""

    def _write_to_self(self) -> None:
        """There is no other thread that could be waiting."""


def run(main: Coroutine[Any, Any, Any], *, debug: bool | None = None, loop_factory: Any = None) -> Any:  # noqa: ARG001 - asyncio's signature
    """`asyncio.run` of programs: runs the coroutine on a loop of its own and cleans up after it."""
    if asyncio.events._get_running_loop() is not None:  # noqa: SLF001 - the public one raises
        main.close()
        raise RuntimeError("asyncio.run() cannot be called from a running event loop; write `await main()` instead")
    if not asyncio.iscoroutine(main):
        raise ValueError(f"a coroutine was expected, got {type(main).__name__}: call the function, as in run(main())")
    loop = GuestLoop()
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main)
    finally:
        _finish(loop)


def _finish(loop: GuestLoop) -> None:
    try:
        leftover = asyncio.all_tasks(loop)
        for task in leftover:
            task.cancel()
        if leftover:
            loop.run_until_complete(asyncio.gather(*leftover, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def sleep_blocking(seconds: float, /) -> None:
    """`time.sleep` of programs: the turn ends, the host waits."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    wake_at = TURNS.now + round(min(seconds, _MAX_WAIT_SECONDS) * _NANOSECONDS)
    while TURNS.now < wake_at:
        TURNS.end_turn([], wake_at)
