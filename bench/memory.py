"""What an isolate costs while it waits: private memory of a worker that holds many of them, each in a call."""

import asyncio
import time
from pathlib import Path

from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.limits import Limits
from sandbox.turns import Blocked, FunctionSpec, Program

_PROGRAM = Program(source="answer(x * 2)", functions=(FunctionSpec(name="answer"),))
_PRIVATE = ("Private_Clean:", "Private_Dirty:")
_MIB = 2**20
# Isolates made ahead are made again while the worker has nothing else to do.
_SETTLE_SECONDS = 0.5


class NotWaiting(Exception):
    """The program ended although it was to wait."""


def per_waiting_isolate(*, isolates: int) -> float | None:
    """Return the MiB of private memory that one more waiting isolate takes, None where it cannot be read.

    Workers are not dumpable, so only root may read the maps of their memory.
    """
    return asyncio.run(_measure(isolates))


async def _measure(isolates: int) -> float | None:
    engine = CPythonEngine(workers=1)
    await engine.open()
    try:
        (worker,) = engine.processes()
        # The first hundred also pay for threads and heaps that the worker keeps; the difference is one isolate each.
        await _wait_in_calls(engine, isolates)
        before = _private_mib(worker)
        await _wait_in_calls(engine, isolates)
        return (_private_mib(worker) - before) / isolates
    except PermissionError:
        return None
    finally:
        await engine.close()


async def _wait_in_calls(engine: CPythonEngine, isolates: int) -> None:
    for _ in range(isolates):
        execution = engine.execution(_PROGRAM, limits=Limits(), seed=7)
        progress = await execution.start({"x": 21}, now=time.time_ns())
        if not isinstance(progress, Blocked):
            raise NotWaiting(progress)
    await asyncio.sleep(_SETTLE_SECONDS)


def _private_mib(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(_PRIVATE)) / _MIB
