"""What a confined program that is not ours may use: the system's libraries, and the system calls to read and compute.

What its filter does not list "does not exist" for it, so that another build of it goes without, or fails; it is never
the service that does.
"""

from sandbox.engines.workers.syscalls import RULES, Argument, Rule

LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")


def plain(**names: tuple[int | None, int | None]) -> tuple[Rule, ...]:
    """Return rules that allow system calls whatever their arguments are, by their two numbers."""
    return tuple(Rule(name=name, numbers=numbers) for name, numbers in names.items())


_OWN = (Argument(index=0, one_of=(0,)), Argument(index=2, one_of=(0,)))
# Those of the workers' list that are allowed there without a condition that a foreign program cannot keep, and what
# reading files and starting a program take. No socket, no fork, no signal, nothing that writes to a file by its name.
_KEPT = frozenset(
    (  # noqa: SIM905 - three lines instead of thirty
        "clock_gettime futex munmap madvise mremap brk clock_nanosleep nanosleep sched_yield clone clone3 "
        "set_robust_list rseq sigaltstack rt_sigprocmask rt_sigreturn gettid getpid getrandom sched_getaffinity "
        "gettimeofday restart_syscall exit exit_group"
    ).split()
)
SYSTEM_CALLS: tuple[Rule, ...] = (
    *(rule for rule in RULES if rule.name in _KEPT),
    *plain(
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
