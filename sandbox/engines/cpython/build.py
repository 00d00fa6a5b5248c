"""Builds the guest component `guest.wasm`: the guest's source, RestrictedPython, the world's time zones and
CPython 3.14 in one file.

Run as a script, or loaded by path from the wheel's build hook. It imports nothing of the project, because it runs
before the project is installed; it needs componentize-py, RestrictedPython, tzdata and wasmtime beside it.

Two builds of one source differ (the hash seed is drawn while building), so the component's own digest, and not that
of its source, is its identity.
"""

import argparse
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import wasmtime

_ENGINE = Path(__file__).resolve().parent
_ROOT = _ENGINE.parents[2]
TARGET = _ENGINE / "guest.wasm"
_STAMP = _ENGINE / "guest.wasm.sources"
# The modules of `sandbox` that are also part of the guest.
_SHARED = ("collisions.py", "errors.py", "plain.py", "policy.py", "values.py")
_PACKAGES = ("sandbox", "sandbox/engines", "sandbox/engines/cpython")
# By module and not by the name of its script, which need not be on the path where wheels are built; and with the path
# of this process, because its environment does not come along.
_COMPONENTIZE = "import sys; sys.path[:] = {path!r}; from componentize_py import script; script()"
_MOST_SECONDS = 900
_MOST_REPORT_BYTES = 1_000_000
_TOOLS = ("componentize-py", "RestrictedPython", "tzdata", "wasmtime")


class BuildFailed(SystemExit):
    """componentize-py failed; the text ends with what it printed and a word of explanation."""


def build(*, force: bool = False) -> Path:
    """Build `guest.wasm` unless it is there and was built from the present sources; return its path.

    Raises:
        BuildFailed: componentize-py failed; its output is the message.
    """
    digest = sources_digest()
    if not force and TARGET.exists() and _STAMP.exists() and _STAMP.read_text() == digest:
        return TARGET
    print("building the guest component (CPython 3.14 to WebAssembly), 10 s to a minute ...", flush=True)
    started = time.monotonic()
    make(TARGET.with_suffix(".part"))
    TARGET.with_suffix(".part").replace(TARGET)
    _STAMP.write_text(digest)
    megabytes = TARGET.stat().st_size / 1e6
    print(f"built {TARGET.name}, {megabytes:.1f} MB, in {time.monotonic() - started:.1f} s", flush=True)
    return TARGET


def make(target: Path, *, entry: Path | None = None, add: Callable[[Path], None] | None = None) -> None:
    """Make the component and put it at `target`.

    Args:
        entry: the module that holds the component's exports, in place of the guest's own: for tests that measure.
        add: puts packages beside the guest's sources, and writes `image_packages.py` anew, which names them.

    Raises:
        BuildFailed: componentize-py failed; its output is the message.
    """
    # What runs while the guest is built may write to the stage, so that nothing of the host's is written there.
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as output:
        stage = Path(folder)
        _copy_sources(stage)
        _assemble(stage)
        _write_zones(stage)
        (stage / "image_packages.py").write_text("MODULES = ()\nFILES = {}\n")
        if add is not None:
            add(stage)
        module = "sandbox.engines.cpython.guest.app"
        if entry is not None:
            shutil.copyfile(entry, stage / "entry.py")
            module = "entry"
        _componentize(stage, Path(output) / "guest.wasm", module)
        if add is not None:
            _take_report(stage, target.with_suffix(".json"))
        shutil.copyfile(Path(output) / "guest.wasm", target)


def _sources() -> list[Path]:
    guest = _ENGINE / "guest"
    return sorted(
        [
            *guest.glob("*.py"),
            *guest.glob("*.wit"),
            *guest.glob("*.wat"),
            *(_ROOT / "sandbox" / name for name in _SHARED),
        ]
    )


def sources_digest() -> str:
    """Return what a component depends on that is built now: sources and tools.

    Raises:
        PackageNotFoundError: a tool is not installed.
    """
    digest = hashlib.sha256()
    for path in [*_sources(), Path(__file__)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for tool in _TOOLS:
        digest.update(importlib.metadata.version(tool).encode())
    return digest.hexdigest()


def _copy_sources(stage: Path) -> None:
    """Lay the guest out as the packages it is imported from, with empty packages in place of the host's."""
    for package in _PACKAGES:
        (stage / package).mkdir(parents=True, exist_ok=True)
        (stage / package / "__init__.py").touch()
    for path in _sources():
        target = stage / path.relative_to(_ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.copytree(
        _folder_of("RestrictedPython"), stage / "RestrictedPython", ignore=shutil.ignore_patterns("__pycache__")
    )


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{package} is not installed beside componentize-py")
    return Path(spec.origin).parent


def _assemble(stage: Path) -> None:
    """Turn the guest's extension module from text into the shared library that componentize-py links."""
    for path in (_ENGINE / "guest").glob("*.wat"):
        (stage / f"{path.stem}.cpython-314-wasm32-wasi.so").write_bytes(wasmtime.wat2wasm(path.read_text()))


def _write_zones(stage: Path) -> None:
    """Put the rules of all time zones into one module: the guest has no files. Zones that are alike share theirs."""
    tzdata = _folder_of("tzdata")
    rules, places = b"", {}
    for key in sorted((tzdata / "zones").read_text().split()):
        found = (tzdata / "zoneinfo" / key).read_bytes()
        start = rules.find(found)
        if start < 0:
            start = len(rules)
            rules += found
        places[key] = (start, start + len(found))
    (stage / "zone_rules.py").write_text(f"RULES = {rules!r}\nPLACES = {places!r}\n")


def _componentize(stage: Path, output: Path, module: str) -> None:
    """Run componentize-py, which imports the guest in a WebAssembly interpreter and keeps its memory.

    That interpreter may read and write the folders of its path. By default the host's own `site-packages` are among
    them; an empty environment stands in for those.
    """
    wit = stage / "sandbox/engines/cpython/guest/sandbox.wit"
    environment = output.parent / "environment"
    (environment / "lib/site-packages").mkdir(parents=True)
    command = [sys.executable, "-I", "-c", _COMPONENTIZE.format(path=sys.path), "-d", str(wit), "-w", "isolate",
               "componentize",               module, "-p", str(stage), "-o", str(output)]  # fmt: skip
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=output.parent, timeout=_MOST_SECONDS,
            errors="replace", env={"VIRTUAL_ENV": str(environment), "TMPDIR": tempfile.gettempdir()},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise BuildFailed(f"componentize-py was not done after {_MOST_SECONDS} s") from None
    if done.returncode:
        raise BuildFailed(f"{done.stdout}\n{done.stderr}\ncomponentize-py could not build the guest; see above")


def _take_report(stage: Path, target: Path) -> None:
    """Copy what the guest said of its packages; they could write there, too, so that it is read with care."""
    descriptor = os.open(stage / "image_report.json", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BuildFailed("a package put something else in the place of the report")
        target.write_bytes(file.read(_MOST_REPORT_BYTES))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the guest component unless it is up to date.")
    parser.add_argument("--force", action="store_true", help="build even when it is up to date")
    build(force=parser.parse_args().force)
