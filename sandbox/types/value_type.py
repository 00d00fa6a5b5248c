"""What a declared type is: it checks a value on its way in or out, reads one from JSON, and describes itself.

A value has two forms: what Python code on the host holds, and what crosses. They differ for enums (the member; its
name) and records (the object; a dictionary), and are the same for everything else. Both forms are taken everywhere.
Subclasses raise `ValueRejected` with the path below their own place; the public methods put the beginning in front.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from sandbox.errors import ValueRejected

_SHOWN_CHARACTERS = 40
PICKLE = "FlytePickle"
# As many as an integer has that takes 40 characters; Python refuses to write one of more than 4,300 digits.
_SHOWN_BITS = 132


class ValueType(ABC):
    """A type that values may have when they cross."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The type as Python writes it, as a guest sees it: `dict[str, float] | None`."""

    @property
    def plain(self) -> bool:
        """Whether both forms of a value are the same."""
        return True

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of what `from_json` takes."""

    @property
    def flyte_tag(self) -> str:
        """What Flyte's type engine calls the type where it stands in a union."""
        return PICKLE

    def flyte_schema(self) -> dict[str, Any]:
        """Return the JSON schema that Flyte's type engine gives the type."""
        return pickle_schema()

    def check(self, value: Any, path: str = "$") -> Any:
        """Return the value as Python code on the host holds it.

        Raises:
            ValueRejected: it has another type; nothing is converted that would lose something.
        """
        return self._tell(path, lambda: self.take(value, host=True))

    def lower(self, value: Any, path: str = "$") -> Any:
        """Return the value as it crosses.

        Raises:
            ValueRejected: it has another type.
        """
        return self._tell(path, lambda: self.take(value, host=False))

    def from_json(self, value: Any, path: str = "$") -> Any:
        """Return the value that parsed JSON stands for, as Python code on the host holds it.

        Raises:
            ValueRejected: the JSON does not fit the type.
        """
        return self._tell(path, lambda: self.read(value))

    @abstractmethod
    def take(self, value: Any, *, host: bool) -> Any:
        """Return the value in the form for the host or for the guest; paths are relative."""

    @abstractmethod
    def read(self, value: Any) -> Any:
        """Return the value that JSON stands for; paths are relative."""

    def refuse(self, value: Any) -> ValueRejected:
        """Return the rejection of a value of another type."""
        return rejection(f"is {article(type(value).__name__)}, not {self.text}")

    def _tell(self, path: str, convert: Callable[[], Any]) -> Any:
        try:
            return convert()
        except ValueRejected as error:
            raise ValueRejected(path + error.path, error.reason) from None
        except RecursionError:
            raise ValueRejected(path, "is nested too deeply, or contains itself; flatten the value") from None


def pickle_schema() -> dict[str, Any]:
    """Return Flyte's schema for whatever it would pickle; here it crosses by value like everything else."""
    blob = {**blob_schema("SINGLE", "PythonPickle"), **tagged(PICKLE)}
    return {"oneOf": [blob, {"type": "string", "format": "binary", **tagged(PICKLE)}], "format": "union"}


def blob_schema(dimensionality: str, form: str = "") -> dict[str, Any]:
    """Return Flyte's schema for something that is stored elsewhere."""
    return {
        "type": "object",
        "format": "blob",
        "properties": {
            "uri": {"type": "string", "default": ""},
            "format": {"type": "string", "default": form},
            "dimensionality": {"type": "string", "enum": ["SINGLE", "MULTIPART"], "default": dimensionality},
        },
    }


def tagged(tag: str) -> dict[str, Any]:
    """Return what marks a member of a union."""
    return {"title": tag, "structure": tag}


def rejection(reason: str) -> ValueRejected:
    """Return the rejection of a value at this place."""
    return ValueRejected("", reason)


def below(step: str, error: ValueRejected) -> ValueRejected:
    """Return the rejection of a part, seen from the whole."""
    return ValueRejected(step + error.path, error.reason)


def step_to(key: Any) -> str:
    """Return how a path writes a key."""
    if type(key) is str and len(key) <= _SHOWN_CHARACTERS and key.isidentifier():
        return f".{key}"
    return f"[{shown_key(key)}]"


def shown_key(key: Any) -> str:
    """Return a key as a message shows it."""
    if type(key) is int and key.bit_length() > _SHOWN_BITS:
        return f"an int of {key.bit_length()} bits"
    key = key[:_SHOWN_CHARACTERS] if type(key) is str else key
    text = ascii(key) if type(key) in (str, int, float, bool) else type(key).__name__
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def article(name: str) -> str:
    """Return a type's name as a sentence needs it."""
    if name == "NoneType":
        return "None"
    return f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"
