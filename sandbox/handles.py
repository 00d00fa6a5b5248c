"""Files, directories and tables that stand elsewhere: a guest holds, passes and returns them, and reads nothing.

What crosses is signed with a key of this process. A guest gives back what it was given; it cannot make a handle, change
one, or turn a File into a Dir. The signature says that the host gave the handle to some guest: what a guest may do with
it is up to the functions that take it.
"""

import functools
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from sandbox import values
from sandbox.advice import advising


@dataclass(frozen=True)
class _Stored:
    """What is stored somewhere, told by its address."""

    path: str
    """Its address, as whoever opens it understands it."""
    name: str | None = None
    format: str = ""
    hash: str | None = None

    dimensionality: ClassVar[str] = "SINGLE"

    def __post_init__(self) -> None:
        _check_texts(self)

    @property
    def uri(self) -> str:
        """The same as `path`."""
        return self.path

    @classmethod
    def from_existing_remote(cls, remote_path: str) -> Any:
        """Return the handle of something that is there."""
        return cls(remote_path)


@advising
@dataclass(frozen=True)
class File(_Stored):
    """A file.

    Raises:
        TypeError: a field is no text.
        ValueError: there is no path.
    """


@advising
@dataclass(frozen=True)
class Dir(_Stored):
    """A directory.

    Raises:
        TypeError: a field is no text.
        ValueError: there is no path.
    """

    dimensionality: ClassVar[str] = "MULTIPART"


@advising
@dataclass(frozen=True)
class DataFrame:
    """A table.

    Raises:
        TypeError: a field is no text.
        ValueError: there is no uri.
    """

    uri: str
    format: str = ""

    def __post_init__(self) -> None:
        _check_texts(self)


KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (File, Dir, DataFrame)}


def _check_texts(handle: Any) -> None:
    for at, field in enumerate(fields(handle)):
        value = getattr(handle, field.name)
        if not isinstance(value, str) and not (value is None and field.default is None):
            message = f"{type(handle).__name__}.{field.name} must be a text, not {value!r}"
            raise TypeError(message)
        if at == 0 and not value:
            message = f"{type(handle).__name__}.{field.name} must not be empty"
            raise ValueError(message)


def _lower(handle: Any) -> Any:
    kind, told = type(handle).__name__, json.dumps(asdict(handle))
    return [kind, told, _signature(kind, told)]


def _lift(content: Any) -> Any:
    kind, told, signature = content
    if not hmac.compare_digest(signature, _signature(kind, told)):
        raise ValueError(kind)
    return KINDS[kind](**json.loads(told))


def _signature(kind: str, told: str) -> str:
    return hmac.new(_key(), f"{kind}\0{told}".encode(), hashlib.sha256).hexdigest()


@functools.cache
def _key() -> bytes:
    return secrets.token_bytes(32)


values.offer("$handle", KINDS.values(), _lower, _lift)
