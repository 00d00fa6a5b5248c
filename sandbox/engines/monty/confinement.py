"""What a worker of the `monty` engine gives up before there is an interpreter, for itself and for every interpreter.

The interpreter is a foreign program: it is confined as the type checker is. It may read and run its own program and the
system's libraries, start threads, and talk through the pipes that it was given. The worker beside it starts it, and
another one when it has ended it; therefore both may start processes, of that one program.
"""

import contextlib
import datetime
import decimal
import errno
import fcntl
import os
import pathlib
import resource
import signal
import sys
import uuid
import zoneinfo

from opentelemetry import context as tracing

from sandbox.engines.workers import landlock, syscalls
from sandbox.engines.workers.foreign import LIBRARIES, SYSTEM_CALLS, plain
from sandbox.engines.workers.hardening import become_nobody, empty_environment, keep_only, renounce
from sandbox.engines.workers.syscalls import ANSWER, Argument, Rule
from sandbox.engines.workers.walls import Wall

# What the client of the interpreter imports when it first meets such a value: it has to be there before. And what it
# asks at each program whether somebody traces it: looking for that in vain takes as long as a short program.
LOADED = (datetime, decimal, pathlib, uuid, zoneinfo, tracing)
# Those that a worker and its interpreter can stand behind: descriptors are made for each new interpreter.
WALLS = Wall(sum(Wall)) & ~(Wall.RESOURCES | Wall.CODE)
_DESCRIPTORS = 256
_LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_NOFILE: _DESCRIPTORS,
    resource.RLIMIT_MEMLOCK: 0,
    resource.RLIMIT_MSGQUEUE: 0,
    resource.RLIMIT_RTPRIO: 0,
}
# With any of these, a new process or thread gets a namespace of its own.
_NAMESPACES = 0x7E02_0000


def end_with(lifeline: int) -> None:
    """Have the kernel end this process and its group as soon as nobody holds the other end of a pipe.

    A worker that makes an object of many parts looks at nothing meanwhile, its channel among it; and an interpreter
    would outlive a worker that ended alone (`PR_SET_PDEATHSIG`), with nobody to look at its processor time.
    """
    if sys.platform == "linux":
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)


def confine(*kept: int, binary: str) -> Wall:
    """Give up everything but some descriptors, and running the interpreter; return what is in force."""
    with contextlib.suppress(OSError):
        # When memory runs out, a worker goes before the service: its runs are replayed.
        pathlib.Path("/proc/self/oom_score_adj").write_text("1000")
    in_force = keep_only(0, 1, 2, *sorted(kept)) | empty_environment()
    allowed = {binary: landlock.RUN, "/dev/null": landlock.READ, **dict.fromkeys(LIBRARIES, landlock.RUN)}
    # Opened while it may: where they lie, an unprivileged user may not look.
    with landlock.opened(allowed) as descriptors:
        in_force |= become_nobody() | renounce() | landlock.deny_everything(descriptors)
    for which, most in _LIMITS.items():
        resource.setrlimit(which, (most, most))
    if syscalls.refuse_all_others(rules=RULES, otherwise=ANSWER | errno.ENOSYS):
        in_force |= Wall.SYSTEM_CALLS
    return in_force


# No socket is made or connected, nothing is mounted, traced or loaded into the kernel. Signals reach as far as the
# kernel's Landlock lets them.
RULES: tuple[Rule, ...] = (
    Rule(name="clone", numbers=(56, 220), arguments=(Argument(index=0, without=_NAMESPACES),)),
    *(rule for rule in SYSTEM_CALLS if rule.name not in ("clone", "clock_gettime", "fcntl")),
    Rule(name="sendto", numbers=(44, 206), arguments=(Argument(index=4, one_of=(0,)),)),
    *plain(
        # Also that of the interpreter's processor time.
        clock_gettime=(228, 113),
        recvfrom=(45, 207), readv=(19, 65), fcntl=(72, 25), ioctl=(16, 29), pipe2=(293, 59), dup2=(33, None),
        dup3=(292, 24), vfork=(58, None), wait4=(61, 260), waitid=(247, 95), pidfd_open=(434, 434),
        pidfd_send_signal=(424, 424), kill=(62, 129), tgkill=(234, 131), setitimer=(38, 103), getitimer=(36, 102),
        epoll_create1=(291, 20), epoll_ctl=(233, 21), epoll_wait=(232, None), epoll_pwait=(281, 22),
        eventfd2=(290, 19), socketpair=(53, 199), select=(23, None), pselect6=(270, 72), poll=(7, None),
        ppoll=(271, 73), prctl=(157, 167), set_tid_address=(218, 96), setpgid=(109, 154), getppid=(110, 173),
        getpgid=(121, 155), clock_getres=(229, 114), membarrier=(324, 283), close_range=(436, 436),
    ),
)  # fmt: skip
