"""The checker's process, before it is the checker: gives up what it does not need, then becomes `ty`.

`ty` is a foreign program that reads untrusted text, so it is confined as the workers are, as far as it can live with:
it may read its own directory and the system's libraries, write to its standard output alone, start threads and nothing
else. What its filter does not list "does not exist" for it, so that another build of it goes without, or fails; it is
never the service that does.
"""

import contextlib
import errno
import os
import resource

from sandbox.engines.workers import landlock, syscalls
from sandbox.engines.workers.hardening import become_nobody, keep_only, renounce
from sandbox.engines.workers.syscalls import ANSWER, RULES, Argument, Rule

CPU_SECONDS = 2
MEMORY_BYTES = 1 << 30
OUTPUT_BYTES = 1 << 20
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
_LIMITS = {
    # Memory of its own that can be written, stacks included; what it maps of files is not counted.
    resource.RLIMIT_DATA: MEMORY_BYTES,
    resource.RLIMIT_FSIZE: OUTPUT_BYTES,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_MEMLOCK: 0,
    resource.RLIMIT_MSGQUEUE: 0,
}


def main(checker: str, directory: str) -> None:
    """Become the checker, with its files in `directory` and standard output for what it finds."""
    program = confine(checker, directory)
    command = ["ty", "check", "--project", ".", "--config-file", "ty.toml", "--extra-search-path", "given"]
    options = ["--output-format", "gitlab", "--no-progress", "--color", "never", "--exit-zero", "program.py"]
    os.execve(program, [*command, *options], {"TY_MAX_PARALLELISM": "1"})  # noqa: S606 - there is to be no shell


def confine(checker: str, directory: str) -> int:
    """Give up everything but reading the directory and becoming the checker; return its program, opened."""
    os.nice(10)
    program = os.open(checker, os.O_RDONLY | os.O_CLOEXEC)
    keep_only(0, 1, 2, program)
    with contextlib.suppress(OSError):
        os.chdir(directory)
    allowed = {directory: landlock.READ, checker: landlock.RUN, **dict.fromkeys(_LIBRARIES, landlock.RUN)}
    # Opened while it may: where they lie, an unprivileged user may not look.
    with landlock.opened(allowed) as descriptors:
        become_nobody()
        renounce()
        landlock.deny_everything(descriptors)
    # The signal of the lower one says what was too much.
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    for which, most in _LIMITS.items():
        resource.setrlimit(which, (most, most))
    syscalls.refuse_all_others(rules=SYSTEM_CALLS, otherwise=ANSWER | errno.ENOSYS)
    return program


def _plain(**names: tuple[int | None, int | None]) -> tuple[Rule, ...]:
    return tuple(Rule(name=name, numbers=numbers) for name, numbers in names.items())


_OWN = (Argument(index=0, one_of=(0,)), Argument(index=2, one_of=(0,)))
# Those of the workers' list that are allowed there without a condition that `ty` cannot keep, and what reading files
# and starting a program take. No socket, no fork, no signal, nothing that writes to a file by its name.
_KEPT = frozenset(
    (  # noqa: SIM905 - three lines instead of thirty
        "clock_gettime futex munmap madvise mremap brk clock_nanosleep nanosleep sched_yield clone clone3 "
        "set_robust_list rseq sigaltstack rt_sigprocmask rt_sigreturn gettid getpid getrandom sched_getaffinity "
        "gettimeofday restart_syscall exit exit_group"
    ).split()
)
SYSTEM_CALLS: tuple[Rule, ...] = (
    *(rule for rule in RULES if rule.name in _KEPT),
    *_plain(
        mmap=(9, 222), mprotect=(10, 226), read=(0, 63), pread64=(17, 67), write=(1, 64), writev=(20, 66),
        open=(2, None), openat=(257, 56), close=(3, 57), lseek=(8, 62), getdents64=(217, 61), getcwd=(79, 17),
        stat=(4, None), lstat=(6, None), fstat=(5, 80), newfstatat=(262, 79), statx=(332, 291), access=(21, None),
        faccessat=(269, 48), faccessat2=(439, 439), readlink=(89, None), readlinkat=(267, 78), fcntl=(72, 25),
        fadvise64=(221, 223), rt_sigaction=(13, 134), set_tid_address=(218, 96), arch_prctl=(158, None),
        getuid=(102, 174), geteuid=(107, 175), getgid=(104, 176), getegid=(108, 177), poll=(7, None), ppoll=(271, 73),
        uname=(63, 160), sysinfo=(99, 179), getrusage=(98, 165), execve=(59, 221), execveat=(322, 281),
    ),
    Rule(name="prlimit64", numbers=(302, 261), arguments=_OWN),
)  # fmt: skip
