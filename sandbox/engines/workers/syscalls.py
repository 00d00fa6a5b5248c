"""The system calls of a worker: a list, and the program that makes the kernel (seccomp) refuse all others.

The list is closed: what is not on it ends the process. A call may be allowed for some arguments only, and a few are
answered with an error instead of the end: those that an interpreter or a C library makes to find something out, and
does without. Both instruction sets are plain tables, so that each is tested on machines of the other kind.

Numbers of arguments are 64 bits wide and are compared as two halves; pointers are only ever compared with null.
"""

import ctypes
import errno
import platform
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

KILL, ALLOW, ANSWER = 0x8000_0000, 0x7FFF_0000, 0x0005_0000
_SET_MODE_FILTER, _FLAG_ALL_THREADS = 1, 1
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

# Flags with which the C libraries start a thread; none of those that make a process or a namespace is among them.
THREAD_FLAGS = 0x3D0F00
_THREAD_FLAGS_OF_MUSL = 0x7D0F00
_PROT_EXEC = 4
_PR_SET_NAME, _PR_SET_VMA = 15, 0x53564D41
_CLOCKS = range(12)
_LOW, _HIGH, _ALL_ONES = 0, 4, 0xFFFF_FFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A condition on one argument: below a bound, one of some values, or without some bits."""

    index: int
    one_of: tuple[int, ...] = ()
    without: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A system call, its numbers on x86-64 and ARM, and when it is allowed; otherwise it ends the process."""

    name: str
    numbers: tuple[int | None, int | None]
    arguments: tuple[Argument, ...] = ()
    answer: int = 0
    """An error number: the call is never made, this is its result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """An instruction set as the kernel's filter knows it."""

    audit: int
    column: int
    """Which of a rule's numbers is its own."""
    first_foreign: int | None = None
    """Numbers from here on belong to another calling convention of the same processor (x32)."""
    install: int = field(kw_only=True)
    """The number of the system call that installs a filter."""


MACHINES = {
    "x86_64": Machine(audit=0xC000_003E, column=0, first_foreign=0x4000_0000, install=317),
    "aarch64": Machine(audit=0xC000_00B7, column=1, install=277),
}


def _clean(name: str, x86: int | None, arm: int | None, *arguments: Argument) -> Rule:
    return Rule(name=name, numbers=(x86, arm), arguments=arguments)


def _answered(number: int, **names: tuple[int | None, int | None]) -> tuple[Rule, ...]:
    return tuple(Rule(name=name, numbers=numbers, answer=number) for name, numbers in names.items())


_NULL = (0,)
# The most frequent first: the kernel goes through the list from the front.
RULES: tuple[Rule, ...] = (
    # Time: a guest's clock is the host's word, but processor time is measured. Not the clocks of other processes.
    _clean("clock_gettime", 228, 113, Argument(index=0, one_of=tuple(_CLOCKS))),
    _clean("futex", 202, 98),
    # The channel: a connected socket. With an address, a datagram could go anywhere.
    _clean("sendto", 44, 206, Argument(index=4, one_of=_NULL)),
    _clean("recvfrom", 45, 207),
    # Memory. Nothing can be made executable: all code was there before.
    _clean("mmap", 9, 222, Argument(index=2, without=_PROT_EXEC)),
    _clean("mprotect", 10, 226, Argument(index=2, without=_PROT_EXEC)),
    _clean("munmap", 11, 215),
    _clean("madvise", 28, 233),
    _clean("mremap", 25, 216),
    _clean("brk", 12, 214),
    _clean("clock_nanosleep", 230, 115),
    _clean("nanosleep", 35, 101),
    _clean("sched_yield", 24, 124),
    # Threads. `clone` for nothing but a thread; `clone3` hides its flags behind a pointer, so it "does not exist", and
    # the C library falls back to `clone`.
    _clean("clone", 56, 220, Argument(index=0, one_of=(THREAD_FLAGS, _THREAD_FLAGS_OF_MUSL))),
    *_answered(errno.ENOSYS, clone3=(435, 435)),
    _clean("set_robust_list", 273, 99),
    _clean("rseq", 334, 293),
    _clean("sigaltstack", 131, 132),
    _clean("rt_sigprocmask", 14, 135),
    _clean("rt_sigreturn", 15, 139),
    _clean("gettid", 186, 178),
    _clean("getpid", 39, 172),
    _clean("getrandom", 318, 278),
    _clean("sched_getaffinity", 204, 123),
    _clean("gettimeofday", 96, 169),
    _clean("restart_syscall", 219, 128),
    # Only the calling thread's own: those of other processes of the same user are none of a worker's business.
    _clean("setpriority", 141, 140, Argument(index=0, one_of=_NULL), Argument(index=1, one_of=_NULL)),
    _clean("prctl", 157, 167, Argument(index=0, one_of=(_PR_SET_NAME, _PR_SET_VMA))),
    _clean("exit", 60, 93),
    _clean("exit_group", 231, 94),
    # What a process asks that formats an error, counts processors or starts to allocate.
    *_answered(
        errno.EACCES,
        open=(2, None), openat=(257, 56), openat2=(437, 437), access=(21, None), faccessat=(269, 48),
        faccessat2=(439, 439), stat=(4, None), lstat=(6, None), fstat=(5, 80), newfstatat=(262, 79), statx=(332, 291),
        readlink=(89, None), readlinkat=(267, 78),
    ),
    *_answered(
        errno.EPERM,
        write=(1, 64), writev=(20, 66), lseek=(8, 62), ioctl=(16, 29), fcntl=(72, 25), close=(3, 57),
        getcwd=(79, 17), uname=(63, 160), sysinfo=(99, 179), getrusage=(98, 165), prlimit64=(302, 261),
        rt_sigaction=(13, 134), clock_getres=(229, 114),
    ),
)  # fmt: skip

_INSTRUCTION = struct.Struct("=HBBI")
_LOAD, _RETURN = 0x20, 0x06
_IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT = 0x15, 0x35, 0x45
_AT_NUMBER, _AT_AUDIT, _AT_ARGUMENTS = 0, 4, 16
# Stands for the distance to the end of a rule, where the process ends.
_FAIL = -1
_Step = tuple[int, int, int, int]


def program(machine: Machine, rules: Sequence[Rule] = RULES, *, otherwise: int = KILL) -> bytes:
    """Return the filter for a kind of machine, in the kernel's own form.

    Args:
        otherwise: what becomes of system calls that have no rule.
    """
    steps: list[_Step] = [
        (_LOAD, _AT_AUDIT, 0, 0),
        (_IF_EQUAL, machine.audit, 1, 0),
        (_RETURN, KILL, 0, 0),
        (_LOAD, _AT_NUMBER, 0, 0),
    ]
    if machine.first_foreign is not None:
        steps += [(_IF_AT_LEAST, machine.first_foreign, 0, 1), (_RETURN, KILL, 0, 0)]
    for rule in rules:
        number = rule.numbers[machine.column]
        if number is not None:
            steps += _steps_of(rule, number)
    steps.append((_RETURN, otherwise, 0, 0))
    return b"".join(_INSTRUCTION.pack(code, yes, no, value) for code, value, yes, no in steps)


def _steps_of(rule: Rule, number: int) -> list[_Step]:
    verdict = ANSWER | rule.answer if rule.answer else ALLOW
    body = [step for argument in rule.arguments for step in _checks_of(argument)]
    body.append((_RETURN, verdict, 0, 0))
    if rule.arguments:
        body.append((_RETURN, KILL, 0, 0))
    last = len(body) - 1
    resolved = [
        (code, value, last - at - 1 if yes == _FAIL else yes, last - at - 1 if no == _FAIL else no)
        for at, (code, value, yes, no) in enumerate(body)
    ]
    return [(_IF_EQUAL, number, 0, len(body)), *resolved]


def _checks_of(argument: Argument) -> list[_Step]:
    at = _AT_ARGUMENTS + 8 * argument.index
    if argument.without:
        return [(_LOAD, at + _LOW, 0, 0), (_IF_ANY_BIT, argument.without, _FAIL, 0)]
    count = len(argument.one_of)
    choices = [
        (_IF_EQUAL, value & _ALL_ONES, count - 1 - index, _FAIL if index == count - 1 else 0)
        for index, value in enumerate(argument.one_of)
    ]
    return [(_LOAD, at + _HIGH, 0, 0), (_IF_EQUAL, 0, 0, _FAIL), (_LOAD, at + _LOW, 0, 0), *choices]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


_libc = ctypes.CDLL(None, use_errno=True)


def refuse_all_others(*, rules: Sequence[Rule] = RULES, otherwise: int = KILL) -> bool:
    """Install the filter for all threads of this process, for good; return whether the kernel did so.

    The process must not be able to gain privileges, else the kernel refuses.
    """
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    instructions = program(machine, rules, otherwise=otherwise)
    filtering = _Program(len(instructions) // _INSTRUCTION.size, instructions)
    if _libc.syscall(machine.install, _SET_MODE_FILTER, _FLAG_ALL_THREADS, ctypes.byref(filtering)) == 0:
        return True
    # An outer filter may know the older way alone.
    return bool(_libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filtering), 0, 0) == 0)
