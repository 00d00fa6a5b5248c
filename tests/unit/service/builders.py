"""Makes runs for tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.execute import Usage
from sandbox.limits import Limits
from service.runs.record import Run

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def make_usage(**fields: Any) -> Usage:
    """Return what a run used: nothing but what is named."""
    nothing = {"fuel": 0, "cpu_seconds": 0.0, "wall_seconds": 0.0, "memory_bytes": 0, "output_bytes": 0, "calls": 0}
    return Usage(**{**nothing, **fields})


def make_run(run_id: str = "run_1", *, at: float = 0, **fields: Any) -> Run:
    """Return a run that finished `at` seconds after `START`."""
    moment = START + timedelta(seconds=at)
    return Run(
        **{
            "id": run_id, "tenant": "default",
            "status": "completed", "output": None, "error": None, "stdout": "", "stdout_truncated": False,
            "calls": (), "usage": make_usage(), "queued_seconds": 0.0, "limits": Limits(),
            "engine": "cpython", "engine_version": "1", "template_name": "t", "template_version": "sha256:0",
            "cached": False, "notes": (), "policy": "guarded", "seed": 1,
            "created_at": moment, "started_at": moment, "finished_at": moment,
            "metadata": {}, "weight": 10, **fields,
        }
    )  # fmt: skip
