"""Keys that the value of a call does not have: what is told of them, and what is not."""

from typing import Any

import pytest

from sandbox.call_hints import hinted
from sandbox.calls import CallRecord
from sandbox.turns import ErrorReport, Frame

ROW = {"alpha": 1, "beta": {"gamma": 2}}


def error(key: str = "'alhpa'", **changed: Any) -> ErrorReport:
    """Return how a program failed on its second line."""
    frame = Frame(line=2, column=1, function="<module>", source="f()['alhpa']")
    fields: dict[str, Any] = {"kind": "runtime", "type": "KeyError", "message": key, "traceback": (frame,)}
    return ErrorReport(**{**fields, **changed})


def call(value: Any, *, line: int = 2, **changed: Any) -> CallRecord:
    """Return a call that was answered with a value."""
    fields: dict[str, Any] = {"number": 1, "function": "f", "arguments": {}, "line": line, "status": "settled"}
    return CallRecord(**{**fields, "value": value, **changed})


@pytest.mark.parametrize(
    ("value", "key", "expected"),
    [
        (ROW, "'alhpa'", 'did you mean "alpha"? its keys: "alpha", "beta"'),
        (ROW, "'gamna'", 'did you mean "gamma"? its keys: "gamma"'),
        ([{"x": 1}, {"alpha": 1}], "'alhpa'", 'did you mean "alpha"? its keys: "alpha"'),
        ({"x": 1}, "'alhpa'", 'its keys: "x"'),
        ({}, "'alhpa'", "its keys: none"),
        (
            {str(n): n for n in range(12)},
            "'x'",
            'its keys: "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" and 2 more',
        ),
        (ROW, "'alpha'", 'its keys: "gamma"'),
        ([{"x": 1}, {"y": 1}], "'alhpa'", None),
        (ROW, "3", None),
        (ROW, "''", None),
        (ROW, "'a\\\\nb'", None),
        (ROW, f"'{'x' * 200}'", None),
        ("alpha", "'alhpa'", None),
    ],
)
def test_the_nearest_key_of_the_value_of_a_call_is_told(value: Any, key: str, expected: str | None) -> None:
    """Whoever repairs the program sees the value nowhere else."""
    assert hinted(error(key), [call(value)]).hint == expected


@pytest.mark.parametrize(
    ("failed", "calls"),
    [
        (error(), [call(ROW, line=1)]),
        (error(), [call(None, status="sent")]),
        (error(), []),
        (error(type="ValueError"), [call(ROW)]),
        (error(traceback=()), [call(ROW)]),
        (error(hint="of the guest"), [call(ROW)]),
    ],
)
def test_another_failure_is_left_as_it_is(failed: ErrorReport, calls: list[CallRecord]) -> None:
    """A hint that is about something else is worse than none."""
    assert hinted(failed, calls) is failed


def test_the_last_call_of_the_line_is_the_one() -> None:
    """What was called before it was an argument, most likely."""
    assert hinted(error(), [call({"x": 1}), call(ROW)]).hint == 'did you mean "alpha"? its keys: "alpha", "beta"'
