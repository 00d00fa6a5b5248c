"""What a patch would do, without doing it: the program runs on the recorded answers, and no function is called."""

import asyncio
from dataclasses import dataclass

from sandbox.calls import Calls
from sandbox.dispatch import HostFunction
from sandbox.driver import Driver
from sandbox.engine import Engine
from sandbox.external import Suspended
from sandbox.journal import Journal
from sandbox.patched import PatchedReplay, PatchReport
from sandbox.start import Start
from sandbox.turns import LimitExceeded, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How far a patched program comes on the record alone."""

    report: PatchReport
    end: Progress | None
    """How it ended; None when it waits for calls that would have to be made: what follows them is not known."""


async def preview(engine: Engine, start: Start, replay: PatchedReplay) -> Preview:
    """Run a program as far as the record answers it; a time that it sleeps until is reached at once.

    Raises:
        ValueRejected: an input cannot cross the wall.
        EngineCrashed: too many workers died under it.
    """
    limits = start.limits
    journal = Journal(start.header(engine, now=replay.now))
    calls = _NoCalls(start.whitelist(), 1, journal)
    run = Driver(engine, start, calls=calls, clock=_NoWaiting(), journal=journal, replay=replay)
    end: Progress | None = None
    try:
        async with asyncio.timeout(limits.wall_seconds):
            ended = await run.drive()
            # Nobody is asked here, so it never waits for somebody outside.
            end = None if isinstance(ended, Suspended) else ended
    except _NotRecorded:
        pass
    except TimeoutError:
        end = LimitExceeded(limit="wall_seconds", allowed=limits.wall_seconds, spent=run.spent)
    finally:
        await run.close(end)
    return Preview(report=replay.report(), end=end)


class _NotRecorded(Exception):
    """The program waits for something that was not recorded."""


class _NoCalls(Calls):
    """The calls of a program that may not make any."""

    def start(self, function: HostFunction, number: int) -> None:
        """Do not call it."""

    async def wait(self, waiting_for: tuple[int, ...], *, seconds: float | None) -> None:  # noqa: ARG002 - nobody waits
        """Return at once, when there is something to return for."""
        if waiting_for and not self.outcomes(waiting_for):
            raise _NotRecorded


class _NoWaiting:
    """A clock that stands wherever it has to."""

    def read(self, at_least: int = 0) -> int:
        """Return nanoseconds since the epoch."""
        return at_least

    def seconds_until(self, _moment: int) -> float:
        """Return how long to wait: not at all."""
        return 0.0
