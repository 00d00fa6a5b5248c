"""Runs the checker over a few small files, in a process of its own that is confined and bounded, and reads its answer.

Whatever goes wrong with it is an answer, too: `Unchecked` says why nothing is known.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from sandbox.checker.launch import CPU_SECONDS, OUTPUT_BYTES
from sandbox.engines.workers.process import IMPORT_ALONE, python_alone

# It gives way to everything else, so on a busy machine it may take much longer than its processor time.
WALL_SECONDS = 10.0
PATIENCE_SECONDS = 10.0
AT_ONCE = max(2, os.cpu_count() or 1)
"""As many as compute at once anyway: each may take `launch.MEMORY_BYTES`, and callers decide how many are asked for."""
_PLACES = threading.BoundedSemaphore(AT_ONCE)
_START = f"{IMPORT_ALONE}from sandbox.checker.launch import main; main(sys.argv[2], sys.argv[3])"
_NOBODY = 65534
# In memory, and writable also where a container's root is not.
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it
_MISSING = "the type checker is not installed: `pip install ty`"


class Unchecked(Exception):
    """Nothing is known about the program's types; the text says why."""


def find_checker() -> Path | None:
    """Return the checker's program, as its package says; the search path of the process plays no part."""
    try:
        from ty import find_ty_bin

        return Path(find_ty_bin())
    except (ImportError, FileNotFoundError):
        return None


@contextlib.contextmanager
def place(patience_seconds: float) -> Iterator[None]:
    """Hold one of the `AT_ONCE` places for as long as the block takes.

    Raises:
        Unchecked: none became free for so long.
    """
    if not _PLACES.acquire(timeout=patience_seconds):
        message = f"{AT_ONCE} programs are being checked already, and more wait; send it again"
        raise Unchecked(message)
    try:
        yield
    finally:
        _PLACES.release()


def run_checker(
    files: Mapping[str, str],
    checker: Path | None,
    *,
    wall_seconds: float = WALL_SECONDS,
    patience_seconds: float = PATIENCE_SECONDS,
) -> list[Any]:
    """Return what the checker found in `program.py`, as it says it; blocks.

    Args:
        files: path below a directory of its own -> text.
        checker: the program, None when it is not installed.
        patience_seconds: how long it waits for a place, when `AT_ONCE` checkers are at work.

    Raises:
        Unchecked: it is not there, had no place, failed, took too long, or said too much.
    """
    if checker is None:
        raise Unchecked(_MISSING)
    try:
        with place(patience_seconds), _directory() as directory, tempfile.TemporaryFile(dir=directory) as output:
            _write(directory, files)
            _run(checker, directory, output, wall_seconds)
            output.seek(0)
            said = output.read(OUTPUT_BYTES + 1)
    except OSError as error:
        reason = f"the type checker cannot be run here: {error.strerror or type(error).__name__}"
        raise Unchecked(reason) from None
    return _read(said)


@contextlib.contextmanager
def _directory() -> Iterator[Path]:
    place = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else None
    directory = Path(tempfile.mkdtemp(prefix="isthmus-check-", dir=place))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _write(directory: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if os.geteuid() == 0:
        # The checker does not stay root, and nobody else is to read this.
        for path in [directory, *directory.rglob("*")]:
            os.chown(path, _NOBODY, _NOBODY)


def _run(checker: Path, directory: Path, output: IO[bytes], wall_seconds: float) -> None:
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, which becomes the checker
        python_alone(_START, str(checker.resolve()), str(directory)),
        env={},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.DEVNULL,
        cwd="/",
        process_group=0,
    )
    try:
        status = process.wait(wall_seconds)
    except subprocess.TimeoutExpired:
        message = f"the type checker took more than {wall_seconds:g} s"
        raise Unchecked(message) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if status == -signal.SIGXCPU:
        message = f"the type checker took more than {CPU_SECONDS} s of processor time"
        raise Unchecked(message)
    if status:
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        message = f"the type checker ended with {how}"
        raise Unchecked(message)


def _read(said: bytes) -> list[Any]:
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        message = "the type checker said something that cannot be read"
        raise Unchecked(message)
    return found
