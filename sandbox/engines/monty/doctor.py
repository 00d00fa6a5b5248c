"""What `isthmus doctor` finds out about the engine `monty`: which of the walls stand around its workers."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sandbox.engines.monty.confinement import WALLS
from sandbox.engines.monty.engine import MontyEngine
from sandbox.engines.saying import say_nothing
from sandbox.engines.workers.findings import Finding, Seen, seen_by_kernel
from sandbox.engines.workers.walls import MISSING, Wall
from sandbox.limits import Limits
from sandbox.turns import Program, Raised

# What stands around a worker and its interpreter: less than around a worker of the other engine.
_MEANS = {
    Wall.USER: "runs as an unprivileged user, without capabilities",
    Wall.PRIVILEGES: "can gain no privileges (no_new_privs)",
    Wall.ATTACHING: "no other process may attach to it (not dumpable)",
    Wall.ENVIRONMENT: "has no environment",
    Wall.DESCRIPTORS: "holds its channel, and pipes to its interpreter",
    Wall.FILES: "Landlock: no file but the interpreter's program and the system's libraries, to read and run",
    Wall.NETWORK: "Landlock: no TCP connection",
    Wall.SIGNALS: "Landlock: no signal and no abstract socket reaches a process outside",
    Wall.SYSTEM_CALLS: "seccomp: a filter of system calls; whatever is not on its list is refused",
}
_ASKED = (Wall.USER, Wall.PRIVILEGES, Wall.SYSTEM_CALLS)
_PAST_INTERPRETER = "open('/etc/passwd').read()"


async def examine(say: Callable[[str], None] = say_nothing) -> list[Finding]:
    """Start a worker, try what the interpreter has to refuse, and return what was found.

    Raises:
        EngineUnavailable: no worker can be started.
    """
    engine = MontyEngine(workers=1, say=say)
    await engine.open()
    try:
        (number,) = engine.processes()
        inner = await _interpreter(engine)
        in_force = engine.in_force()
        seen = await asyncio.to_thread(seen_by_kernel, Path(f"/proc/{number}"))
    finally:
        await engine.close()
    return [inner, *(_worker(wall, in_force, seen) for wall in Wall if wall in WALLS)]


async def _interpreter(engine: MontyEngine) -> Finding:
    execution = engine.execution(Program(source=_PAST_INTERPRETER), limits=Limits(), seed=0)
    ended = await execution.start({}, now=0)
    refused = isinstance(ended, Raised)
    found = f"pydantic-monty {engine.version}: {'refuses' if refused else 'opens'} a file"
    return Finding(wall="monty interpreter", holds=refused, found=found)


def _worker(wall: Wall, in_force: Wall, seen: Seen) -> Finding:
    name = f"monty worker: {str(wall.name).lower().replace('_', ' ')}"
    if wall not in in_force:
        return Finding(wall=name, holds=False, found=MISSING[wall])
    confirmed, detail = seen.get(wall, (True, "")) if wall in _ASKED else (True, "")
    if not confirmed:
        return Finding(wall=name, holds=False, found=f"the kernel says otherwise: {detail}")
    return Finding(wall=name, holds=True, found="; ".join(filter(None, (_MEANS[wall], detail))))
