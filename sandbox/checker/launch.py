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
from sandbox.engines.workers.foreign import LIBRARIES, SYSTEM_CALLS
from sandbox.engines.workers.hardening import become_nobody, keep_only, renounce
from sandbox.engines.workers.syscalls import ANSWER

CPU_SECONDS = 2
MEMORY_BYTES = 1 << 30
OUTPUT_BYTES = 1 << 20
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
    allowed = {directory: landlock.READ, checker: landlock.RUN, **dict.fromkeys(LIBRARIES, landlock.RUN)}
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
