"""The guest component on disk: found beside this module, compiled ahead of time into the user's cache directory.

Compiled code is native code that wasmtime trusts, so it is read only from a directory that nobody else can write to.
A compiled file is named after everything it depends on (guest, wasmtime, settings) and written atomically.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import os
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import wasmtime
import wasmtime.component as component

from sandbox.engines.cpython.isolate import SETTINGS, engine_config
from sandbox.engines.saying import say_nothing
from sandbox.errors import EngineUnavailable
from sandbox.folders import CACHE_VARIABLE, cache_folders

GUEST = Path(__file__).resolve().parent / "guest.wasm"
GUEST_PYTHON = "3.14.0"
# Compiled files are 48 MB each. The ones used last stay, and further ones that somebody used of late: checkouts that
# are built often must not take one another's away.
_KEPT_FILES = 4
_MOST_FILES = 20
_RECENT_SECONDS = 2 * 86_400


@lru_cache(maxsize=1)
def guest_digest() -> str:
    """Return the identity of the guest that ships, `sha256:` and 64 hexadecimal digits.

    Raises:
        EngineUnavailable: the guest component was not built.
    """
    return digest_of(GUEST)


def digest_of(guest: Path) -> str:
    """Return the identity of a guest component; raises as `guest_digest` does."""
    try:
        with guest.open("rb") as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise EngineUnavailable(
            "the guest component is missing: install the project as a wheel, or run `make setup` in a checkout"
        ) from None


def engine_version(digest: str | None = None) -> str:
    """Return what an execution's behaviour depends on, by the digest of its guest; default: the one that ships."""
    return f"{GUEST_PYTHON}+{digest or guest_digest()}"


def compiled_guest(say: Callable[[str], None] = say_nothing, *, guest: Path = GUEST) -> Path:
    """Return the compiled guest, compiling it when this machine has none yet (6 s, more on a busy machine).

    Raises:
        EngineUnavailable: there is no guest, or no directory to keep the compiled file in.
    """
    name = f"guest-{_identity(guest)}.cwasm"
    for folder in cache_folders():
        path = folder / name
        if os.access(path, os.R_OK):
            _read_through(path)
            with contextlib.suppress(OSError):
                os.utime(path)  # used now: see `superseded`
            return path
        if not os.access(folder, os.W_OK):
            continue
        with _only_one(folder / "compiling.lock"):
            if not os.access(path, os.R_OK):
                _compile(guest, path, say)
        return path
    raise EngineUnavailable(f"no directory to keep the compiled guest in; set {CACHE_VARIABLE} to one of your own")


def superseded(used: Mapping[Path, float], *, now: float) -> list[Path]:
    """Return the compiled files that are not kept; `used` says when each was used last."""
    by_age = sorted(used, key=lambda one: used[one], reverse=True)
    return [
        one
        for place, one in enumerate(by_age)
        if place >= _MOST_FILES or (place >= _KEPT_FILES and now - used[one] > _RECENT_SECONDS)
    ]


def _compile(guest: Path, path: Path, say: Callable[[str], None]) -> None:
    say("compiling the guest for this machine, 6 s to a minute ...")
    started = time.monotonic()
    compiled = component.Component.from_file(wasmtime.Engine(engine_config()), str(guest)).serialize()
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(compiled)
    part.replace(path)
    with contextlib.suppress(OSError):  # somebody else cleans up at the same time
        used = {one: one.stat().st_mtime for one in path.parent.glob("guest-*.cwasm")}
        for old in superseded(used, now=time.time()):
            # An engine that still runs with one of these compiles it again when it has to replace a worker.
            old.unlink()
    say(f"compiled {len(compiled) / 1e6:.1f} MB in {time.monotonic() - started:.1f} s, kept in {path.parent}")


def _identity(guest: Path) -> str:
    digest = guest_digest() if guest == GUEST else digest_of(guest)
    parts = [digest, importlib.metadata.version("wasmtime"), repr(sorted(SETTINGS.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    """Let one process compile while the others wait for its file."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read_through(path: Path) -> None:
    """Read the file once from front to back: every isolate is 15-20 % cheaper when the page cache holds it so."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


if __name__ == "__main__":
    compiled_guest(lambda text: print(text, flush=True))
