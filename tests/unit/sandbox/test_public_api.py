"""The names, signatures and defaults of `sandbox`, `sandbox.extend` and `sandbox.flytekit`.

A change of them is a change of `public_api.txt`.

After a change that is meant: `python -m tests.unit.sandbox.test_public_api`, and a line in CHANGELOG.md.
"""

import inspect
from pathlib import Path
from types import FunctionType
from typing import Any

import sandbox
import sandbox.extend
import sandbox.flytekit

SNAPSHOT = Path(__file__).parent / "public_api.txt"


def described() -> str:
    """Every public name with what can be given to it, one line each; annotations differ between versions of Python."""
    lines = [line for name in sorted(sandbox.__all__) for line in _lines(name, getattr(sandbox, name))]
    for module in (sandbox.extend, sandbox.flytekit):
        own = [name for name in sorted(module.__all__) if name not in sandbox.__all__]
        lines += ["", f"# {module.__name__}", *(line for name in own for line in _lines(name, getattr(module, name)))]
    return "\n".join(lines) + "\n"


def test_the_public_names_are_as_they_were() -> None:
    """Who uses the library notices each of these changes."""
    assert described() == SNAPSHOT.read_text(encoding="utf-8")


def _lines(name: str, value: Any) -> list[str]:
    if not inspect.isclass(value):
        if callable(value):
            return [f"{name}{_signature(value)}", *_members(name, type(value))]
        return [f"{name}: {type(value).__name__}"]
    first = f"class {name}" if issubclass(value, BaseException) else f"class {name}{_signature(value)}"
    return [first, *_members(name, value)]


def _members(name: str, kind: type) -> list[str]:
    if kind is FunctionType:
        return []
    found: dict[str, str] = {}
    for owner in kind.__mro__[:-1]:
        if owner.__module__.startswith("sandbox"):
            for member, value in vars(owner).items():
                if member[0] != "_":
                    found.setdefault(member, _member(value))
    return [f"    {name}.{member}{text}" for member, text in sorted(found.items()) if text]


def _member(value: Any) -> str:
    if isinstance(value, property):
        return ": property"
    function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
    return str(_signature(function)) if isinstance(function, FunctionType) else ""


def _signature(function: Any) -> inspect.Signature:
    signature = inspect.signature(function)
    parameters = [
        one.replace(annotation=one.empty, default=_Shown(one.default) if one.default is not one.empty else one.empty)
        for one in signature.parameters.values()
    ]
    return inspect.Signature(parameters)


class _Shown:
    """A default as text: of a function or class its name, because the rest is an address."""

    def __init__(self, value: Any) -> None:
        named = inspect.isroutine(value) or inspect.isclass(value)
        self._text = value.__name__ if named else repr(value)

    def __repr__(self) -> str:
        return self._text


if __name__ == "__main__":
    SNAPSHOT.write_text(described(), encoding="utf-8")
