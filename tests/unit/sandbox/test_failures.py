"""Exceptions that cross: what a guest is told of a function's, what a caller of the library gets for a run's."""

import builtins
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import (
    EngineCrashed,
    GuestRaised,
    LimitExceeded,
    NonRecoverable,
    SandboxError,
    SourceRejected,
    ValueRejected,
)
from sandbox.failures import _mixed, exception_of, failure_of
from sandbox.limits import Limits
from sandbox.turns import ErrorReport, Failure, Frame, Kind

FRAMES = (Frame(line=2, column=5, function="<module>", source="x = int('a')"),)


class CardDeclined(Exception):
    """An exception of the host's own."""

    hint = "ask for another card"


class Mute(Exception):
    """Its text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError


def raised(call: Any) -> BaseException:
    """What a call raises."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - of any type
        return error
    pytest.fail("it raised nothing")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (KeyError("sku"), Failure(type="KeyError", message="'sku'", arguments=("sku",))),
        (ValueError("no", 3), Failure(type="ValueError", message="('no', 3)", arguments=("no", 3))),
        (ValueError(object), Failure(type="ValueError", message="<class 'object'>", arguments=("<class 'object'>",))),
        (
            CardDeclined("no"),
            Failure(type="CardDeclined", message="no", arguments=("no",), hint="ask for another card"),
        ),
        (Mute(), Failure(type="Mute", message="(the exception's own __str__ failed)")),
        (ConnectionError("down"), Failure(type="ConnectionError", message="down", arguments=("down",))),
        (NonRecoverable("gone"), Failure(type="NonRecoverable", message="gone", arguments=("gone",))),
        (
            GuestRaised("Sold", "out", hint="wait"),
            Failure(type="Sold", message="out", arguments=("out",), hint="wait"),
        ),
        (ValueError("\ud800"), Failure(type="ValueError", message="?", arguments=("?",))),
    ],
)
def test_a_guest_is_told_type_message_and_arguments(error: BaseException, expected: Failure) -> None:
    """Enough to make a built-in exception again, and nothing that belongs to the host."""
    assert failure_of(error) == expected


@pytest.mark.parametrize(
    "call",
    [
        lambda: Path("/etc/no/such/file").read_text(),
        lambda: Path(__file__).mkdir(),
        lambda: (_ for _ in ()).throw(RuntimeError(f"failed in {__file__}:12")),
        lambda: (_ for _ in ()).throw(RuntimeError("see '/usr/lib/python3/json.py'", "/var/lib/secret/key.pem")),
        lambda: __import__("sandbox.errors", fromlist=["no_such_name"]).no_such_name,
        lambda: exec("from sandbox.errors import no_such_name"),  # noqa: S102 - to have its ImportError
        lambda: compile("x =", "/var/lib/secret/code.py", "exec"),
    ],
)
def test_no_path_of_the_host_crosses(call: Any) -> None:
    """A path tells an attacker where they are."""
    failure = failure_of(raised(call))

    told = json.dumps([failure.message, failure.arguments])
    assert "/" not in told.replace("://", "")


def test_paths_of_others_are_left_alone() -> None:
    """The path of a URL, or of an API, is what the message is about."""
    message = "GET https://api.example.com/usr/lib/orders/1 and /orders/1/items: 404, 3/4/5"

    assert failure_of(RuntimeError(message)).message == message


def test_a_long_message_is_cut() -> None:
    """A function may put a whole document into its exception."""
    assert failure_of(RuntimeError("a" * 10**6)).message == "a" * 3_997 + "..."


def report(kind: Kind, type_name: str, message: str, hint: str | None = None) -> ErrorReport:
    """A run's report with one frame."""
    return ErrorReport(kind=kind, type=type_name, message=message, traceback=FRAMES, hint=hint)


@pytest.mark.parametrize("name", ["ValueError", "KeyError", "OSError", "ConnectionError", "UnicodeDecodeError"])
def test_a_built_in_exception_is_caught_as_what_it_is(name: str) -> None:
    """`except ValueError` around a template works as it does around a function."""
    kind = getattr(builtins, name)

    error = exception_of(report("runtime", name, "no"), Limits())

    assert isinstance(error, kind)
    assert isinstance(error, GuestRaised)
    assert (error.type, error.message, error.frames, error.kind) == (name, "no", FRAMES, "runtime")
    assert str(error) == f"{name}: no\n  line 2: x = int('a')"


@pytest.mark.parametrize(
    "name", ["Sold", "SystemExit", "KeyboardInterrupt", "StopIteration", "ExceptionGroup", "Exception", "print"]
)
def test_other_exceptions_are_guest_raised_alone(name: str) -> None:
    """A guest's `SystemExit` must not end the host, nor its `StopIteration` a loop there."""
    error = exception_of(report("runtime", name, "no"), Limits())

    assert type(error) is GuestRaised
    assert error.type == name


def test_what_was_raised_survives_pickling() -> None:
    """Process pools and test runners send exceptions to each other."""
    error = exception_of(report("function", "ValueError", "no", "yes"), Limits())

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own

    assert type(copy) is type(error)
    assert vars(copy) == vars(error)


def test_each_kind_of_failure_has_its_class() -> None:
    """Whose fault it is decides which class is caught."""
    refused = exception_of(report("policy", "PolicyViolation", "line 2: no", "write it"), Limits())
    limited = exception_of(
        report("limit", "LimitExceeded", "the program reached the limit fuel of 9", "less"), Limits()
    )
    rejected = exception_of(
        report("type", "ValueRejected", "the value cannot be returned: $.a is a set: no", "is a set: no"), Limits()
    )

    assert isinstance(refused, SourceRejected)
    assert (refused.kind, refused.line, refused.source, refused.hint) == ("policy", 2, "x = int('a')", "write it")
    assert isinstance(limited, LimitExceeded)
    assert (limited.which, limited.allowed, limited.hint) == ("fuel", 20_000_000_000, "less")
    assert isinstance(rejected, ValueRejected)
    assert (rejected.path, rejected.reason) == ("$.a", "is a set: no")
    assert isinstance(exception_of(report("platform", "EngineCrashed", "died"), Limits()), EngineCrashed)
    assert isinstance(exception_of(report("divergence", "JournalDiverged", "other"), Limits()), SandboxError)


@pytest.mark.parametrize("name", ["__class__", "__post_init__", "as_dict", "nonsense"])
def test_a_forged_report_names_no_attribute_of_ours(name: str) -> None:
    """What a guest says is looked up among the limits and nowhere else."""
    error = exception_of(report("limit", "LimitExceeded", f"the program reached the limit {name}"), Limits())

    assert isinstance(error, LimitExceeded)
    assert (error.which, error.allowed) == ("stack", None)


def test_names_that_a_guest_makes_up_are_not_kept() -> None:
    """They would fill the memory of a server that runs for months."""
    before = _mixed.cache_info().currsize
    for number in range(1_000):
        exception_of(report("runtime", f"Made{number}Up", "no"), Limits())

    assert _mixed.cache_info().currsize - before <= 1
    assert _mixed.cache_info().maxsize == 256


def test_what_a_guest_says_is_cut() -> None:
    """A caller of the library writes it into a log."""
    error = exception_of(report("runtime", "T" * 10_000, "m" * 10_000, "h" * 10_000), Limits())

    assert isinstance(error, GuestRaised)
    assert (len(error.type), len(error.message), len(error.hint or "")) == (200, 4_000, 4_000)
    failure = failure_of(GuestRaised("T" * 10_000, "m" * 10_000, hint="h" * 10_000))
    assert (len(failure.type), len(failure.message), len(failure.hint or "")) == (200, 4_000, 4_000)


def test_what_a_function_calls_its_exception_is_cut() -> None:
    """Its class may be named after what was wrong."""
    failure = failure_of(type("T" * 10_000, (ValueError,), {})("no"))

    assert len(failure.type) == 200
    assert failure_of(OSError(10**5000, "no", "/etc/passwd")).message == "(the exception's own __str__ failed)"
    assert len(failure_of(OSError(5, "n" * 10_000, "/etc/passwd")).message) == 4_000
