"""What is found out about the walls around a worker: by trying, by its own word, and by asking the kernel."""

import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.engines.workers import landlock, walls
from sandbox.engines.workers.walls import IN_FORCE, MISSING, Wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One wall, or what one is made of."""

    wall: str
    holds: bool
    found: str


Seen = dict[Wall, tuple[bool, str]]
"""Whether the kernel confirms a wall, and in which words; of others nothing is known."""


def judged(wall: Wall, word: str, in_force: Wall, seen: tuple[bool, str] | None) -> Finding:
    """Return what is said of a wall.

    Args:
        word: what became of an attempt to get past it: `refused`, when it stands.
        in_force: the walls that the worker reports.
        seen: whether the kernel confirms it, and in which words; None when it cannot be asked.
    """
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


def seen_by_kernel(folder: Path) -> Seen:
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


def _seen_by_root(folder: Path) -> Seen:
    environment = (folder / "environ").read_bytes()
    held = sorted(str(one.readlink()).partition(":")[0] for one in (folder / "fd").iterdir())
    code = [line for line in (folder / "maps").read_text().splitlines() if {"w", "x"} <= set(line.split()[1])]
    return {
        Wall.ENVIRONMENT: (not environment, f"{len(environment)} bytes"),
        Wall.DESCRIPTORS: (len(held) == 2, ", ".join(held)),
        Wall.CODE: (not code, f"{len(code)} such mappings"),
    }
