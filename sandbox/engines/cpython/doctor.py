"""What `isthmus doctor` finds out: whether each wall stands on this machine, by trying and by asking the kernel."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.engines.cpython import artifact, probes
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.saying import say_nothing
from sandbox.engines.workers import landlock, process, walls
from sandbox.engines.workers.walls import IN_FORCE, MISSING, Wall
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One wall, or what one is made of."""

    wall: str
    holds: bool
    found: str


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
        seen = await asyncio.to_thread(_seen_by_kernel, Path(f"/proc/{number}"))
    finally:
        await engine.close()
    words = await asyncio.to_thread(probes.probe_walls, process.python_alone, process.IMPORT_ALONE)
    return [*inner, *(_worker(wall, words[wall], in_force, seen.get(wall)) for wall in Wall)]


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


def _worker(wall: Wall, word: str, in_force: Wall, seen: tuple[bool, str] | None) -> Finding:
    name = f"worker: {str(wall.name).lower().replace('_', ' ')}"
    confirmed, detail = seen or (True, "")
    if wall not in in_force:
        made_up_for = wall not in walls.gaps(in_force)
        remedy = f"{MISSING[wall]}; the filter of system calls makes up for it" if made_up_for else MISSING[wall]
        return Finding(wall=name, holds=made_up_for, found=remedy)
    if word != "refused":
        return Finding(wall=name, holds=False, found=f"does not hold: what it has to refuse was {word}; {detail}")
    if not confirmed:
        return Finding(wall=name, holds=False, found=f"the kernel says otherwise: {detail}")
    return Finding(wall=name, holds=True, found="; ".join(filter(None, (IN_FORCE[wall], detail))))


def _seen_by_kernel(folder: Path) -> dict[Wall, tuple[bool, str]]:
    """Return for some walls whether the kernel confirms them, and in which words."""
    fields = dict(re.findall(r"^(\w+):\t(.+)$", (folder / "status").read_text(), re.MULTILINE))
    users, capabilities = fields["Uid"].split(), fields["CapEff"]
    files = re.findall(r"^Max open files +(\w+) +(\w+)", (folder / "limits").read_text(), re.MULTILINE)
    seen = {
        Wall.USER: ("0" not in users and not int(capabilities, 16), f"user {users[0]}, capabilities {capabilities}"),
        Wall.PRIVILEGES: (fields.get("NoNewPrivs") == "1", f"NoNewPrivs {fields.get('NoNewPrivs')}"),
        Wall.SYSTEM_CALLS: (fields.get("Seccomp") == "2", f"Seccomp {fields.get('Seccomp')}"),
        Wall.RESOURCES: (files == [("0", "0")], f"open files {files[0][1] if files else None}"),
        Wall.FILES: (True, f"Landlock version {landlock.version()}"),
    }
    try:
        return seen | _seen_by_root(folder)
    except PermissionError:
        # Nobody but root may look into it: this is a wall too.
        return seen


def _seen_by_root(folder: Path) -> dict[Wall, tuple[bool, str]]:
    environment = (folder / "environ").read_bytes()
    held = sorted(str(one.readlink()).partition(":")[0] for one in (folder / "fd").iterdir())
    code = [line for line in (folder / "maps").read_text().splitlines() if {"w", "x"} <= set(line.split()[1])]
    return {
        Wall.ENVIRONMENT: (not environment, f"{len(environment)} bytes"),
        Wall.DESCRIPTORS: (len(held) == 2, ", ".join(held)),
        Wall.CODE: (not code, f"{len(code)} such mappings"),
    }
