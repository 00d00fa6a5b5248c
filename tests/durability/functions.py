"""Functions that note every call in a file, and a death at a chosen write: the service under test loads this module.

From the moment at which it is told to, it counts the statements that change a run or its journal, and kills the process
in front of the one that was chosen: what it had decided and not written is lost, as in any crash.
"""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from sandbox.environment import TaskEnvironment

env = TaskEnvironment(name="durability")
_CALLS = Path(os.environ.get("CALLS_FILE", os.devnull))
_DIES_AT = int(os.environ.get("DIES_AT", "0"))
_COUNTS = Path(os.environ.get("COUNTS_FILE", "/nowhere"))
"""Writes count while there is this file."""
_COUNTED = ("INSERT INTO entries", "UPDATE runs", "INSERT INTO runs", "INSERT INTO idempotency")
_seen = 0


@event.listens_for(Engine, "before_cursor_execute")
def die(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    """End the process without a farewell, when it is time."""
    global _seen
    if statement.startswith(_COUNTED) and _COUNTS.exists():
        _seen += 1
        if _seen == _DIES_AT:
            os.kill(os.getpid(), signal.SIGKILL)


def _note(name: str, value: int) -> int:
    with _CALLS.open("a") as file:
        file.write(f"{name} {value}\n")
    return value * 10


@env.task(effect="read")
def look(value: int) -> int:
    """Read."""
    return _note("look", value)


@env.task(effect="idempotent")
async def put(value: int) -> int:
    """Write what may be written again."""
    return _note("put", value)


@env.task
async def send(value: int) -> int:
    """Write what must not be written again."""
    done = _note("send", value)
    await asyncio.sleep(0.01)
    return done


@env.task
def pay(value: int) -> int:
    """Write what must not be written again, on a thread."""
    return _note("pay", value)
