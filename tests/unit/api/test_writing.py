"""A run as JSON text."""

import dataclasses
import json
from typing import Any, get_args

import pytest

from api.schemas.answers import RunBody
from api.schemas.writing import run_text
from sandbox.calls import CallStatus
from sandbox.json_values import MAX_DEPTH
from sandbox.policy import NOTES
from sandbox.turns import ErrorReport, Failure, Frame, Note, Violation
from service.runs.record import RunCall
from tests.unit.service.builders import make_run, make_usage

CALL = RunCall(
    call_id="call_1", function="f", arguments={"n": 2**60}, status="settled", output=None,
    error=Failure(type="ValueError", message="no", arguments=("s3cr3t",)), line=3, attempts=1, duration_seconds=0.0012,
)  # fmt: skip
ERROR = ErrorReport(
    kind="function", type="ValueError", message="no", hint=None,
    traceback=(Frame(line=3, column=1, function="<module>", source="f(2**60)"),),
    violations=(Violation(line=1, column=2, code="c", message="m", hint="h"),),
)  # fmt: skip


def test_a_run_is_written_as_the_contract_has_it() -> None:
    """The whole answer, field by field."""
    usage = make_usage(fuel=5, cpu_seconds=0.0014, wall_seconds=0.006, memory_bytes=7, calls=1)
    run = make_run(
        status="failed", error=ERROR, calls=(CALL,), usage=usage, queued_seconds=0.0001, stdout="é\n",
        metadata={"a": [1]}, notes=(Note(code="return-at-top", line=2),),
    )  # fmt: skip
    written = json.loads(run_text(run))
    limits = written.pop("limits")

    assert limits["fuel"] == 20_000_000_000
    assert written == {
        "id": "run_1", "status": "failed", "output": None,
        "error": {"kind": "function", "type": "ValueError", "message": "no", "hint": None,
                  "traceback": [{"line": 3, "column": 1, "function": "<module>", "source": "f(2**60)"}],
                  "violations": [{"line": 1, "column": 2, "code": "c", "message": "m", "hint": "h"}]},
        "stdout": "é\n", "stdout_truncated": False, "pending_calls": [],
        "calls": [{"call_id": "call_1", "function": "f", "arguments": {"n": 2**60}, "status": "settled", "output": None,
                   "error": {"type": "ValueError", "message": "no"}, "line": 3, "attempts": 1, "duration_ms": 1.2}],
        "usage": {"fuel": 5, "cpu_ms": 1.4, "wall_ms": 6.0, "queued_ms": 0.1, "memory_bytes": 7, "output_bytes": 0,
                  "calls": 1},
        "engine": "cpython", "engine_version": "1", "links": [], "report": None,
        "template": {"name": "t", "version": "sha256:0", "docs": None},
        "policy": "guarded", "seed": 1, "cached": False, "attempts": 1,
        "notes": [{"code": "return-at-top", "line": 2, "message": NOTES["return-at-top"]}],
        "created_at": "2026-01-31T12:00:00.000Z", "started_at": "2026-01-31T12:00:00.000Z",
        "finished_at": "2026-01-31T12:00:00.000Z", "expires_at": None, "metadata": {"a": [1]},
            "patch": None,
    }  # fmt: skip


@pytest.mark.parametrize("status", get_args(CallStatus))
def test_every_status_of_a_call_is_in_the_schema(status: CallStatus) -> None:
    """A client that was made from the OpenAPI document reads whatever a run may say."""
    run = make_run(status="failed", error=ERROR, calls=(dataclasses.replace(CALL, status=status),))

    assert RunBody.model_validate_json(run_text(run)).calls[0].status == status


def test_large_integers_are_quoted_when_asked() -> None:
    """In the value and in calls, and nowhere else."""
    run = make_run(output=[2**53, 2**53 + 1], calls=(CALL,), usage=make_usage(fuel=2**60))
    written = json.loads(run_text(run, bigint_as_text=True))

    assert written["output"] == [2**53, str(2**53 + 1)]
    assert written["calls"][0]["arguments"] == {"n": str(2**60)}
    assert written["usage"]["fuel"] == 2**60


def test_large_integers_are_quoted_in_values_as_deep_as_a_value_may_be() -> None:
    """What was written once is written; the entry around a call's values does not count."""
    deep: Any = 2**60
    for _ in range(MAX_DEPTH):
        deep = [deep]
    written = json.loads(
        run_text(
            make_run(output=deep, calls=(dataclasses.replace(CALL, arguments={"n": deep}, output=deep),)),
            bigint_as_text=True,
        )
    )

    assert str(written["output"]).strip("[]") == repr(str(2**60))
    assert written["calls"][0]["arguments"]["n"] == written["calls"][0]["output"] == written["output"]
