"""Exceptions that cross: what a function raised, as a guest sees it; what a run failed with, as the library raises it.

No path of this machine and no traceback crosses in either direction.
"""

import builtins
import contextlib
import functools
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from sandbox import values
from sandbox.divergence import JournalDiverged
from sandbox.errors import (
    EngineCrashed,
    GuestRaised,
    LimitExceeded,
    SandboxError,
    SourceRejected,
    ValueRejected,
    ValueTooLarge,
)
from sandbox.limits import BOUNDS, Limits
from sandbox.secrets import current_secrets
from sandbox.turns import ErrorReport, Failure

MAX_MESSAGE = 4_000
MAX_NAME = 200
_PATH = re.compile(r"(?<![\w/.:~-])/([\w.@+~-]+)(?:/[\w.@+~-]+)+/?")
_SYSTEM = frozenset(
    (
        *("Applications", "Library", "Users", "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt"),
        *("nix", "opt", "private", "proc", "root", "run", "sbin", "snap", "srv", "sys", "tmp", "usr", "var"),
    )
)
_REJECTED = {kind.__name__: kind for kind in (ValueRejected, ValueTooLarge)}
# A class cannot derive from these and still be raised, or caught by `except Exception`, as any other.
_NOT_MIXED = (StopIteration, StopAsyncIteration, BaseExceptionGroup, Warning)


def failure_of(error: BaseException) -> Failure:
    """Return what the guest is told of an exception that a function raised."""
    if isinstance(error, GuestRaised):
        return _failure_of_guest(error)
    message = _message(error)
    hint = getattr(error, "hint", None)
    return Failure(
        type=_name(type(error).__name__),
        message=message,
        arguments=_arguments(error, message),
        hint=_clean(hint) if isinstance(hint, str) else None,
    )


def exception_of(report: ErrorReport, limits: Limits) -> SandboxError:
    """Return what a failed run under `limits` raises at a caller of the library.

    The guest wrote the report; whatever it says, it names none of our attributes and fills none of our logs.
    """
    message, hint = _cut(report.message), report.hint and _cut(report.hint)
    match report.kind:
        case "syntax" | "policy":
            return SourceRejected(report.kind, message, report.traceback, hint, report.violations)
        case "limit":
            which = _limit_in(message)
            allowed = getattr(limits, which) if which in BOUNDS else values.BOUNDS.get(which)
            return LimitExceeded(which, allowed, message, hint, report.traceback)
        case "divergence" if report.divergence is not None:
            return JournalDiverged(report.divergence)
        case "platform" | "divergence":
            return EngineCrashed(message)
        case _:
            return _guest_raised(report)


def raised_type(name: str) -> type[GuestRaised]:
    """Return `GuestRaised`, or for the name of a built-in exception a subclass of both, so that `except` finds it."""
    # Only of names that are known classes are made, and kept: a guest makes up as many names as it likes.
    return GuestRaised if _known(name) is Exception else _mixed(name)


def raised_again(*arguments: Any) -> GuestRaised:
    """Return a pickled exception."""
    return raised_type(arguments[0])(*arguments)


def _limit_in(message: str) -> str:
    """Return the name of the limit that a report is about; every such report names it."""
    match = re.search(r"\blimit (\w+)", message)
    return match[1] if match and (match[1] in BOUNDS or match[1] in values.BOUNDS) else "stack"


def _guest_raised(report: ErrorReport) -> GuestRaised:
    name, message, hint = _name(report.type), _cut(report.message), report.hint and _cut(report.hint)
    error = raised_type(name)(name, message, report.traceback, hint, report.kind)
    if isinstance(error, ValueRejected):
        # A guest tells of a rejected value in a text that ends with the reason.
        error.reason = hint or ""
        path = message.removesuffix(f" {error.reason}").rpartition(": ")[2]
        error.path = "$" if path == "the value" else path
    return error


def _known(name: str) -> type[Exception]:
    known = _REJECTED.get(name) or getattr(builtins, name, None)
    if not isinstance(known, type) or not issubclass(known, Exception) or issubclass(known, _NOT_MIXED):
        return Exception
    return known


@functools.lru_cache(maxsize=256)
def _mixed(name: str) -> type[GuestRaised]:
    known = _known(name)
    members = {"__module__": GuestRaised.__module__, "__doc__": GuestRaised.__doc__, "__reduce__": _reduce}
    return type(GuestRaised.__name__, (GuestRaised, known), members)


def _reduce(error: GuestRaised) -> tuple[Any, ...]:
    return raised_again, (error.type, error.message, error.frames, error.hint, error.kind)


def _failure_of_guest(error: GuestRaised) -> Failure:
    """Return the failure of a template that is a function of another one."""
    message = _clean(error.message)
    # Its text is the key as Python writes it, and would be written so once more.
    argument = message[1:-1] if isinstance(error, KeyError) and message[:1] in ("'", '"') else message
    hint = error.hint and _clean(error.hint)
    return Failure(type=_name(error.type), message=message, arguments=(argument,), hint=hint)


def _message(error: BaseException) -> str:
    try:
        if isinstance(error, OSError) and error.filename is not None:
            return _clean(f"[Errno {error.errno}] {error.strerror}")
        if isinstance(error, SyntaxError):
            return _clean(str(error.msg or "invalid syntax"))
        return _clean(str(error))
    except Exception:  # noqa: BLE001 - an exception's own __str__ may do anything
        return "(the exception's own __str__ failed)"


def _arguments(error: BaseException, message: str) -> tuple[Any, ...]:
    """Return the exception's arguments, or its message when they cannot cross."""
    if isinstance(error, SyntaxError | ImportError):
        return (message,)
    arguments = error.args[:2] if isinstance(error, OSError) else error.args
    arguments = tuple(_clean(one) if isinstance(one, str) else one for one in arguments)
    try:
        crossed = values.decode(values.encode(arguments, max_bytes=MAX_MESSAGE * 4))
    except ValueRejected:
        return (message,)
    return tuple(current_secrets().masked(crossed))


def _clean(text: str) -> str:
    """Return text without secrets, without paths of this machine and without lone surrogates, cut to a length."""
    # First of all: of one that was cut, a part would be left over.
    text = current_secrets().masked(text)
    text = text[: MAX_MESSAGE * 2].encode("utf-8", "replace").decode()
    return _cut(_PATH.sub(_shown_path, text))


def _cut(text: str, longest: int = MAX_MESSAGE) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _name(type_name: str) -> str:
    """Return the name of an exception's type; only one that is made up is long."""
    return _cut(type_name.encode("utf-8", "replace").decode(), MAX_NAME)


def _shown_path(match: re.Match[str]) -> str:
    return "(a path)" if match[1] in _SYSTEM | _places() else match[0]


@functools.cache
def _places() -> frozenset[str]:
    """Return the first parts of the directories that this process works with."""
    places = [sys.prefix, sys.base_prefix, tempfile.gettempdir(), str(Path(__file__).parent)]
    # A process may have no home, and no current directory.
    with contextlib.suppress(RuntimeError):
        places.append(str(Path.home()))
    with contextlib.suppress(OSError):
        places.append(str(Path.cwd()))
    return frozenset(Path(place).parts[1] for place in places if len(Path(place).parts) > 1)
