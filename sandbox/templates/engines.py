"""Which engine a template's runs have: what it asks for, whether that can be, and who it is in this process."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.choice import needs_of
from sandbox.engines.table import AUTO, WHOLE, check_choice
from sandbox.errors import MisuseError
from sandbox.handles import DataFrame, Dir, File
from sandbox.local import LibraryEngine, library_engines
from sandbox.options import SandboxedConfig
from sandbox.turns import Program
from sandbox.types import ValueType

_ONLY_WHOLE = (uuid.UUID, File, Dir, DataFrame)


def asked_engine(engine: object, config: SandboxedConfig) -> str:
    """Return the engine that a template asks for: its own parameter, that of its configuration, or `cpython`.

    Raises:
        ValueError: there is no engine of that name.
        EngineUnavailable: it is not installed.
    """
    asked = engine if engine is not None else config.engine or WHOLE
    try:
        check_choice(str(asked))
    except MisuseError as error:
        raise ValueError(str(error)) from None
    return str(asked)


def needs(program: Program, *, limits: Iterable[str], interface: Any, functions: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what runs of a template need that only `cpython` has; see `sandbox.choice.needs_of`."""
    types: dict[str, ValueType] = {f"the input {name!r}": kind for name, kind in interface.input_types.items()}
    for function in functions.values():
        types |= {f"the parameter {name!r} of {function.name}()": kind for name, kind in function.parameters.items()}
        types[f"the value of {function.name}()"] = function.returns
    return needs_of(program, limits=[*limits], types=types)


def needs_of_values(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what values need that only `cpython` has, whatever their types say: `Any` says nothing."""
    left: list[Any] = [*inputs.values()]
    # A value that contains itself is refused later.
    seen: set[int] = set()
    while left:
        value = left.pop()
        if isinstance(value, _ONLY_WHOLE):
            return (f"a {type(value).__name__}",)
        if not isinstance(value, dict | list | tuple | set | frozenset) or id(value) in seen:
            continue
        seen.add(id(value))
        left += [*value, *value.values()] if isinstance(value, dict) else value
    return ()


def check_needs(asked: str, lacking: tuple[str, ...]) -> None:
    """Check that the engine which a template names has what it needs.

    Raises:
        ValueError: it has not.
    """
    if asked not in (WHOLE, AUTO) and lacking:
        message = f'the engine "{asked}" does not have {", ".join(lacking)}: leave that out, or ask for "{WHOLE}"'
        raise ValueError(message)


def engine_identity(asked: str) -> tuple[str, str]:
    """Return by what the results of an engine are known, name and version; the engine is open."""
    return asked, " ".join(one.version for one in _possible(asked))


async def open_engines(asked: Iterable[str]) -> None:
    """Open all engines that runs may have which ask so: their versions are part of what results are known by.

    Raises:
        EngineUnavailable: one cannot run here.
    """
    for name in dict.fromkeys(asked):
        for engine in _possible(name):
            await engine.open()


def _possible(asked: str) -> tuple[LibraryEngine, ...]:
    engines = library_engines()
    return engines.all if asked == AUTO else (engines.named(asked),)
