"""What confines a worker process, as bits: a worker reports those in force, the engine names those that are missing."""

import enum


class Wall(enum.IntFlag):
    """One thing that a worker has given up for good."""

    USER = enum.auto()
    PRIVILEGES = enum.auto()
    ATTACHING = enum.auto()
    RESOURCES = enum.auto()
    ENVIRONMENT = enum.auto()
    DESCRIPTORS = enum.auto()
    FILES = enum.auto()
    NETWORK = enum.auto()
    SIGNALS = enum.auto()
    CODE = enum.auto()
    SYSTEM_CALLS = enum.auto()


# In force: what it means. Missing: why, and what would help.
IN_FORCE = {
    Wall.USER: "runs as an unprivileged user, without capabilities",
    Wall.PRIVILEGES: "can gain no privileges (no_new_privs)",
    Wall.ATTACHING: "no other process may attach to it (not dumpable)",
    Wall.RESOURCES: "resource limits: no new descriptor, no file, no core, no locked memory",
    Wall.ENVIRONMENT: "has no environment",
    Wall.DESCRIPTORS: "holds its channel and the compiled guest, and no other descriptor",
    Wall.FILES: "Landlock: no file can be opened",
    Wall.NETWORK: "Landlock: no TCP connection",
    Wall.SIGNALS: "Landlock: no signal and no abstract socket reaches a process outside",
    Wall.CODE: "no memory that can be written can be run",
    Wall.SYSTEM_CALLS: "seccomp: a filter of system calls; whatever is not on its list ends the process",
}
MISSING = {
    Wall.USER: "it runs as root or with capabilities: start the service as another user, or let it change its user",
    Wall.PRIVILEGES: "the kernel refuses no_new_privs",
    Wall.ATTACHING: "the kernel does not let it forbid attaching",
    Wall.RESOURCES: "the kernel refuses its resource limits",
    Wall.ENVIRONMENT: "its environment is not empty",
    Wall.DESCRIPTORS: "it cannot close what it inherits: close_range needs Linux 5.9",
    Wall.FILES: "files: Landlock needs Linux 5.13, and has to be enabled there",
    Wall.NETWORK: "network: Landlock knows it from Linux 6.7 on",
    Wall.SIGNALS: "signals: Landlock knows them from Linux 6.12 on",
    Wall.CODE: "memory: some of it can be written and run",
    Wall.SYSTEM_CALLS: "system calls: seccomp filters are needed, on x86-64 or ARM (aarch64)",
}
EVERY = Wall(sum(Wall))


def missing(in_force: Wall) -> list[Wall]:
    """Return what is not in force."""
    return [wall for wall in Wall if wall not in in_force]


def gaps(in_force: Wall) -> list[Wall]:
    """Return what is not in force and what no other wall makes up for.

    The filter of system calls has none on its list that opens a socket or sends a signal, so that a kernel whose
    Landlock does not know those yet lacks nothing. Files are refused by both, and both are asked for.
    """
    made_up_for = Wall.NETWORK | Wall.SIGNALS if Wall.SYSTEM_CALLS in in_force else Wall(0)
    return missing(in_force | made_up_for)


def complaint(lacking: list[Wall]) -> str:
    """Return one line that names what is missing."""
    return "the worker processes lack walls: " + "; ".join(MISSING[wall] for wall in lacking)
