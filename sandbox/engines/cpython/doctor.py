"""What `isthmus doctor` finds out: whether each wall stands on this machine, by trying and by asking the kernel."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sandbox.engines.cpython import artifact, probes
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.saying import say_nothing
from sandbox.engines.workers import process
from sandbox.engines.workers.findings import Finding, judged, seen_by_kernel
from sandbox.engines.workers.walls import Wall
from sandbox.limits import Limits
from sandbox.turns import Program, Raised

_PAST_POLICY = "().__class__.__base__.__subclasses__()"
# Expressions that are without effect where something is refused.
_PAST_WEBASSEMBLY = {
    "files": "open('/etc/passwd')",
    "directories": "__import__('os').listdir('/')",
    "sockets": "__import__('socket').socket()",
    "processes": "__import__('subprocess').run(['true'])",
    "threads": "__import__('threading').Thread(target=print).start()",
    "an environment": "dict(__import__('os').environ) or open('')",
}
_REFUSED_INSIDE = ("OSError", "FileNotFoundError", "PermissionError", "RuntimeError")


async def examine(say: Callable[[str], None] = say_nothing) -> list[Finding]:
    """Start a worker, try what each wall has to refuse, and return what was found.

    Raises:
        EngineUnavailable: there is no guest, or no worker can be started.
    """
    engine = CPythonEngine(workers=1, say=say)
    await engine.open()
    try:
        (number,) = engine.processes()
        inner = [await _policy(engine), await _webassembly(engine), _guest(engine)]
        in_force = engine.in_force()
        seen = await asyncio.to_thread(seen_by_kernel, Path(f"/proc/{number}"))
    finally:
        await engine.close()
    words = await asyncio.to_thread(probes.probe_walls, process.python_alone, process.IMPORT_ALONE)
    return [*inner, *(judged(wall, words[wall], in_force, seen.get(wall)) for wall in Wall)]


async def _policy(engine: CPythonEngine) -> Finding:
    execution = engine.execution(Program(source=_PAST_POLICY), limits=Limits(), seed=0)
    ended = await execution.start({}, now=0)
    refused = isinstance(ended, Raised) and ended.error.kind == "policy"
    found = "refuses a walk from a tuple to all classes" if refused else "lets a walk from a tuple to all classes pass"
    return Finding(wall="language policy", holds=refused, found=found)


async def _webassembly(engine: CPythonEngine) -> Finding:
    reached = [what for what, source in _PAST_WEBASSEMBLY.items() if not await _is_refused(engine, source)]
    found = "a program without policy finds no files, sockets, processes, threads or environment"
    if reached:
        found = f"a program without policy reaches {', '.join(reached)}"
    return Finding(wall="WebAssembly", holds=not reached, found=found)


async def _is_refused(engine: CPythonEngine, source: str) -> bool:
    """Say whether a program that no policy confines is refused something, or ended for it."""
    program = Program(source=source, guarded=False)
    ended = await engine.execution(program, limits=Limits(), seed=0).start({}, now=0)
    return isinstance(ended, Raised) and ended.error.type in (*_REFUSED_INSIDE, "InterpreterAborted")


def _guest(engine: CPythonEngine) -> Finding:
    compiled = artifact.compiled_guest()
    return Finding(wall="guest", holds=True, found=f"{engine.version}, compiled into {compiled}")
