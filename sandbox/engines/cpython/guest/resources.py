"""The files that packages of a guest image read: there are none when programs run, so that their bytes lie in memory.

Two ways lead to them: `pkgutil.get_data`, and `importlib.resources`. `open(__file__)` does not.
"""

import importlib
import importlib.machinery
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any


def install(root: str, files: Mapping[str, bytes]) -> None:
    """Have the loaders of modules find `files`, by their paths below `root`."""
    loader: Any = importlib.machinery.SourceFileLoader
    loader.get_data = _get_data_or(loader.get_data, root, files)
    loader.get_resource_reader = lambda self, _name: _Reader(_place(os.path.dirname(self.path), root), files)  # noqa: PTH120
    if "importlib.resources" in sys.modules:
        for name in ("importlib.readers", "importlib.resources._adapters"):
            importlib.import_module(name)  # which it imports when it is first asked


def _get_data_or(
    original: Callable[[Any, str], bytes], root: str, files: Mapping[str, bytes]
) -> Callable[[Any, str], bytes]:
    def get_data(self: Any, path: str) -> bytes:
        found = files.get(_place(path, root))
        return original(self, path) if found is None else found

    return get_data


def _place(path: str, root: str) -> str:
    return os.path.normpath(path).removeprefix(root).lstrip("/")


class _Reader:
    """What `importlib.resources` asks a loader for."""

    def __init__(self, folder: str, files: Mapping[str, bytes]) -> None:
        self._folder, self._files = folder, files

    def files(self) -> "_Resource":
        """Return the folder of the package."""
        return _Resource(self._folder, self._files)


class _Resource:
    """A file or a folder, as `importlib.resources.abc.Traversable` has it."""

    def __init__(self, path: str, files: Mapping[str, bytes]) -> None:
        self._path, self._files = path, files

    @property
    def name(self) -> str:
        """The last step of its path."""
        return self._path.rpartition("/")[2]

    def is_file(self) -> bool:
        """Say whether it is a file."""
        return self._path in self._files

    def is_dir(self) -> bool:
        """Say whether files lie in it."""
        return any(name.startswith(f"{self._path}/") for name in self._files)

    def iterdir(self) -> "Iterator[_Resource]":
        """Yield what lies in it."""
        inner = {name[len(self._path) + 1 :].partition("/")[0] for name in self._files if self._holds(name)}
        return (self / name for name in sorted(inner))

    def _holds(self, name: str) -> bool:
        return name.startswith(f"{self._path}/")

    def joinpath(self, *steps: str) -> "_Resource":
        """Return what is found from here."""
        return _Resource(os.path.normpath("/".join([self._path, *map(str, steps)])), self._files)

    def __truediv__(self, step: str) -> "_Resource":
        return self.joinpath(step)

    def read_bytes(self) -> bytes:
        """Return the content of a file."""
        found = self._files.get(self._path)
        if found is None:
            raise FileNotFoundError(f"a package has no file {self._path!r}")
        return found

    def read_text(self, encoding: str | None = None, errors: str | None = None) -> str:
        """Return the content of a file as text."""
        return self.read_bytes().decode(encoding or "utf-8", errors or "strict")

    def open(self, mode: str = "r", *_args: Any, encoding: str | None = None, **_options: Any) -> Any:
        """Return the content of a file as something that is read from."""
        return io.BytesIO(self.read_bytes()) if "b" in mode else io.StringIO(self.read_text(encoding))
