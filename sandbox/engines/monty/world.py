"""What a program sees of the world: the turn's time, the run's environment variables, and nothing else.

The interpreter asks its host for all of it; whatever is not answered here fails at its line as if it were not there.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from sandbox.engines.workers.clock import CLOCK_STEP_NANOSECONDS

_SECOND = 1_000_000_000
SLEEPS = frozenset({"time.sleep", "asyncio.sleep"})


class World:
    """Answers what one program asks."""

    def __init__(self, env_vars: Mapping[str, str]) -> None:
        self._env_vars = dict(sorted(env_vars.items()))
        self._now = 0

    def begin_turn(self, now: int) -> None:
        """Set the clock to `now` (nanoseconds since the epoch); it never runs backward."""
        self._now = max(self._now, now)

    def answer(self, function: str, args: tuple[Any, ...]) -> tuple[bool, Any]:
        """Say whether a question is answered here, and how."""
        match function, args:
            case "time.time", _:
                return True, self._read_clock() / _SECOND
            case "datetime.now", (None,):
                return True, self._datetime(datetime.UTC).replace(tzinfo=None)
            case "datetime.now", (datetime.timezone() as zone,):
                return True, self._datetime(zone)
            case "date.today", ():
                return True, self._datetime(datetime.UTC).date()
            case "os.environ", ():
                return True, dict(self._env_vars)
            case "os.getenv", (str() as name, default):
                return True, self._env_vars.get(name, default)
        return False, None

    def _datetime(self, zone: datetime.tzinfo) -> datetime.datetime:
        seconds, rest = divmod(self._read_clock(), _SECOND)
        return datetime.datetime.fromtimestamp(seconds, zone).replace(microsecond=rest // 1_000)

    def _read_clock(self) -> int:
        self._now += CLOCK_STEP_NANOSECONDS
        return self._now
