"""What is in a wheel, read as data: nothing of it is compiled or run here.

A wheel is a zip archive from outside. Its names, sizes and kinds are judged before a byte is written.
"""

import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sandbox.errors import ImageRefused

MOST_BYTES = 100 * 2**20
"""Of all wheels of an image together, unpacked."""
MOST_DATA_BYTES = 16 * 2**20
"""Of their files that are no modules: those lie in the guest's memory."""
_MOST_FILES = 20_000
# Modules of Python 3.14 that the host's Python may not know.
_NEW_IN_LIBRARY = frozenset(
    {"annotationlib", "compression", "_ast_unparse", "_colorize", "_hmac", "_interpchannels", "_interpqueues"}
    | {"_interpreters", "_opcode_metadata", "_py_warnings", "_pydatetime", "_pylong", "_pyrepl", "_remote_debugging"}
    | {"_suggestions", "_sysconfig", "_types", "_zstd"}
)
_OF_GUEST = frozenset(
    {"RestrictedPython", "componentize_py_async_support", "componentize_py_runtime", "componentize_py_types", "entry"}
    | {
        "image_packages",
        "image_report",
        "immortal",
        "memory_size",
        "poll_loop",
        "sandbox",
        "wit_world",
        "zone_rules",
        "__main__",
    }
)
_COMPILED = re.compile(r"\.(so|pyd|dll|dylib)(\.|$)")
_OF_METADATA = frozenset({"METADATA", "entry_points.txt", "top_level.txt"})
_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_LONGEST_STEP = 255
# Steps of a path that stand before those of `purelib`.
_OF_DATA = 2
_IDLE = frozenset({"__main__", "conftest", "setup"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What of some wheels goes into a guest."""

    files: Mapping[str, bytes]
    """Path -> content: modules, data, metadata."""
    modules: tuple[str, ...]
    """Names of modules, parents first."""
    data: tuple[str, ...]
    """Paths of the files that packages may read."""


def read_wheels(wheels: Mapping[str, Path]) -> Contents:
    """Return what is in some wheels, by the names of their packages.

    Raises:
        ImageRefused: a wheel holds compiled code, shadows a module, or is no proper archive.
    """
    files: dict[str, bytes] = {}
    owners: dict[str, str] = {}
    for package, path in wheels.items():
        left = MOST_BYTES - sum(map(len, files.values()))
        for name, content in _files_of(package, path, left):
            if name in owners:
                raise ImageRefused(package, f"it brings {name}, and so does {owners[name]}")
            owners[name], files[name] = package, content
    code = {name for name in files if name.endswith(".py")}
    data = tuple(sorted(name for name in files if name not in code and ".dist-info/" not in name))
    _check_data(owners, {name: files[name] for name in data})
    modules = sorted({module for name in code for module in _modules_of(name)})
    for module in modules:
        _check_name(module, next(owners[name] for name in sorted(code) if module in _modules_of(name)))
    for name in files:
        _check_place(name, owners)
    return Contents(files=files, modules=tuple(modules), data=data)


def _files_of(package: str, path: Path, left: int) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES:
                raise ImageRefused(package, f"its wheel has more than {_MOST_FILES:,} files")
            for entry in entries:
                name = _place(package, entry.filename)
                if name is None:
                    continue
                if entry.compress_type not in _PACKED:
                    raise ImageRefused(
                        package, f"its wheel is no proper archive: {name[:200]!r} is neither stored nor deflated"
                    )
                with archive.open(entry) as file:
                    content = file.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise ImageRefused(package, f"the packages take more than {MOST_BYTES // 2**20} MiB, unpacked")
                yield name, content
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error) as error:
        raise ImageRefused(package, f"its wheel is no proper archive: {type(error).__name__}") from None


def _place(package: str, name: str) -> str | None:
    """Return where a file of a wheel goes, None for what no guest needs."""
    steps = PurePosixPath(name).parts
    _check_steps(package, name, steps)
    if steps[0].endswith(".data"):
        if steps[1:2] == ("platlib",):
            raise ImageRefused(package, "its wheel has a part for one platform (platlib)")
        if steps[1:2] != ("purelib",) or len(steps) == _OF_DATA:
            return None
        steps = steps[_OF_DATA:]
    if steps[0].endswith(".dist-info"):
        return "/".join(steps) if steps[-1] in _OF_METADATA else None
    # Beside its source, compiled code says nothing; alone, it would be a module that nobody judged by its name.
    return None if steps[-1].endswith((".pyc", ".pyi", ".pth")) or steps[-1] == "py.typed" else "/".join(steps)


def _check_steps(package: str, name: str, steps: tuple[str, ...]) -> None:
    if not steps or name.startswith("/") or ".." in steps or "\\" in name or not name.isprintable():
        raise ImageRefused(package, f"its wheel names a file outside of its folder: {name[:100]!r}")
    if any(len(step.encode()) > _LONGEST_STEP for step in steps):
        raise ImageRefused(package, f"its wheel has a file whose name is too long: {name[:100]!r}")
    if _COMPILED.search(steps[-1]):
        raise ImageRefused(package, f"it has compiled parts ({name[:200]}), and only pure Python runs in the guest")
    if steps[-1] == "componentize-py.toml":
        raise ImageRefused(package, f"{name[:200]} would change what the guest imports from its host")


def _modules_of(name: str) -> Iterator[str]:
    """Yield the modules that a file stands for: its own, and the packages that it lies in."""
    steps = [*PurePosixPath(name).with_suffix("").parts]
    if steps[-1] == "__init__":
        steps.pop()
    if not steps or steps[-1] in _IDLE or not all(step.isidentifier() for step in steps):
        return
    for end in range(1, len(steps) + 1):
        yield ".".join(steps[:end])


def _check_name(module: str, package: str) -> None:
    if "." in module:
        return
    if module in sys.stdlib_module_names or module in _NEW_IN_LIBRARY:
        raise ImageRefused(package, f'its module "{module}" would take the place of one of the standard library')
    if module in _OF_GUEST:
        raise ImageRefused(package, f'its module "{module}" would take the place of one of the guest')


def _check_place(name: str, owners: Mapping[str, str]) -> None:
    """Refuse what would take the place of another file, whatever kind of file it is."""
    top, *_ = PurePosixPath(name).parts
    if top.partition(".")[0] in _OF_GUEST:
        raise ImageRefused(owners[name], f"its file {name[:200]} would lie among those of the guest")
    for above in PurePosixPath(name).parents:
        if str(above) in owners:
            raise ImageRefused(owners[name], f"{str(above)[:200]} is a file and a folder")


def _check_data(owners: Mapping[str, str], data: Mapping[str, bytes]) -> None:
    if sum(map(len, data.values())) > MOST_DATA_BYTES:
        largest = max(data, key=lambda name: len(data[name]))
        reason = f"the files that it reads take more than {MOST_DATA_BYTES // 2**20} MiB, {largest} the most of them"
        raise ImageRefused(owners[largest], reason)


def top_levels(modules: Iterable[str]) -> tuple[str, ...]:
    """Return the names that programs begin an import with."""
    return tuple(sorted({module.partition(".")[0] for module in modules}))
