"""The filter of system calls, run by an interpreter of our own: for both kinds of machine, whatever this one is."""

import errno
import re
import struct
from pathlib import Path

import pytest

from sandbox.engines.workers.syscalls import ALLOW, ANSWER, KILL, MACHINES, RULES, THREAD_FLAGS, Rule, program

BY_NAME = {rule.name: rule for rule in RULES}
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def verdict(machine: str, number: int, *arguments: int, audit: int | None = None) -> int:
    """Return what the kernel would do with a system call."""
    filled = [*arguments, *[0] * (6 - len(arguments))]
    call = struct.pack("<IIQ6Q", number, MACHINES[machine].audit if audit is None else audit, 0, *filled)
    steps = [*struct.iter_unpack("=HBBI", program(MACHINES[machine]))]
    at = value = 0
    while True:
        code, yes, no, operand = steps[at]
        at += 1
        match code:
            case 0x20:
                (value,) = struct.unpack_from("<I", call, operand)
            case 0x15:
                at += yes if value == operand else no
            case 0x35:
                at += yes if value >= operand else no
            case 0x45:
                at += yes if value & operand else no
            case _:
                assert code == 0x06
                return int(operand)


def number(machine: str, rule: Rule) -> int | None:
    """Return the number of a rule's system call."""
    return rule.numbers[MACHINES[machine].column]


@pytest.mark.parametrize("machine", MACHINES)
def test_whatever_is_not_listed_ends_the_process(machine: str) -> None:
    """The list is closed: a system call of next year is refused by this one."""
    listed = {number(machine, rule) for rule in RULES}

    assert {verdict(machine, one) for one in range(600) if one not in listed} == {KILL}


@pytest.mark.parametrize(
    ("machine", "rule"),
    [(machine, rule) for machine in MACHINES for rule in RULES if number(machine, rule) is not None],
    ids=lambda one: getattr(one, "name", one),
)
def test_each_rule_gives_its_verdict(machine: str, rule: Rule) -> None:
    """The most permissive arguments first; a rule with conditions is tested for what it refuses below."""
    one = number(machine, rule) or 0
    arguments = [0] * 6
    for argument in rule.arguments:
        arguments[argument.index] = argument.one_of[-1] if argument.one_of else 0

    assert verdict(machine, one, *arguments) == (ANSWER | rule.answer if rule.answer else ALLOW)


REFUSED_ARGUMENTS: dict[str, list[tuple[int, ...]]] = {
    "mmap": [(0, 4096, 4), (0, 4096, 7), (0, 4096, 1 << 40 | 5)],
    "mprotect": [(0, 4096, 4), (0, 4096, 7)],
    "clone": [
        (0,),
        (17,),
        (THREAD_FLAGS | 17,),
        (THREAD_FLAGS | 0x4000_0000,),
        (THREAD_FLAGS | 1 << 32,),
        (THREAD_FLAGS & ~0x1_0000,),
    ],
    "sendto": [(3, 0, 1, 0, 4096), (3, 0, 1, 0, 1 << 32)],
    "clock_gettime": [(12,), (2**64 - 6,), (1 << 32,), (2**32 - 6,)],
    "setpriority": [(1, 0), (2, 0), (0, 1), (0, 1 << 32)],
    "prctl": [(4, 1), (22, 0), (38, 0), (24,), (15 | 1 << 32,)],
}


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", REFUSED_ARGUMENTS)
def test_a_listed_call_with_other_arguments_ends_the_process(machine: str, name: str) -> None:
    """Both halves of an argument count, where the kernel looks at both."""
    one = number(machine, BY_NAME[name])

    assert one is not None
    assert {verdict(machine, one, *arguments) for arguments in REFUSED_ARGUMENTS[name]} == {KILL}


def test_every_condition_has_refused_arguments_above() -> None:
    """A rule that gets a condition gets a test."""
    assert {rule.name for rule in RULES if rule.arguments} == REFUSED_ARGUMENTS.keys()


def test_other_calling_conventions_end_the_process() -> None:
    """On x86-64 a program can make calls of 32-bit and x32 programs, whose numbers mean something else."""
    getpid = number("x86_64", BY_NAME["getpid"]) or 0

    assert verdict("x86_64", getpid) == ALLOW
    assert verdict("x86_64", getpid | 0x4000_0000) == KILL
    assert verdict("x86_64", getpid, audit=0x4000_0003) == KILL
    assert verdict("aarch64", 172, audit=0x4000_0028) == KILL


def test_a_new_way_to_start_threads_leads_to_the_old_one() -> None:
    """Its flags stand behind a pointer, which no filter follows; the C library then calls `clone`."""
    assert {verdict(machine, 435) for machine in MACHINES} == {ANSWER | errno.ENOSYS}


def test_no_dangerous_call_is_on_the_list() -> None:
    """By name, so that nobody adds one without coming past here."""
    dangerous = {
        "accept", "accept4", "bind", "bpf", "chroot", "connect", "dup", "dup2", "dup3", "execve", "execveat", "fork",
        "init_module", "io_uring_enter", "io_uring_register", "io_uring_setup", "keyctl", "kexec_load", "kill",
        "listen", "memfd_create", "memfd_secret", "mount", "name_to_handle_at", "open_by_handle_at", "perf_event_open",
        "personality", "pidfd_getfd", "pidfd_open", "pidfd_send_signal", "pipe", "pipe2", "process_madvise",
        "process_vm_readv", "process_vm_writev", "ptrace", "recvmsg", "sendmsg", "setns", "socket", "socketpair",
        "tgkill", "tkill", "umount2", "unshare", "userfaultfd", "vfork",
    }  # fmt: skip

    assert dangerous.isdisjoint(BY_NAME)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_numbers_are_those_of_the_kernel(machine: str) -> None:
    """A wrong number allows another call than the one that was meant."""
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    text = HEADERS[machine].read_text(encoding="utf-8")
    numbers = {
        name: int(one) for name, one in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\s*$", text, re.MULTILINE)
    }
    known = {rule.name: number(machine, rule) for rule in RULES if number(machine, rule) is not None}
    # The generic header names these after what they are for 32-bit machines.
    numbers["newfstatat"] = numbers.get("newfstatat", numbers.get("fstatat", -1))

    assert known == {name: numbers[name] for name in known}
