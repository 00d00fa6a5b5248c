"""Rows for tests."""

from typing import Any

from service.store.database import Store
from service.store.rows import RunRow
from service.store.runs import insert_run


def run_row(run_id: str = "run_1", **changed: Any) -> RunRow:
    """Return a run that goes on."""
    fields = {
        "tenant": "default", "status": "running", "root_id": run_id, "template_name": "sandboxed-code",
        "template_version": "sha256:1", "program_digest": "sha256:2", "engine": "cpython", "engine_version": "3.14",
        "seed": 2**53 - 1, "created_at": 1_800_000_000_000_000, "submission": '{"source": "x"}',
    }  # fmt: skip
    return RunRow(id=run_id, **{**fields, **changed})


def put(store: Store, *rows: RunRow) -> None:
    """Store runs."""
    for row in rows:
        put_with(store, row, [])


def put_with(store: Store, row: RunRow, functions: list[str]) -> None:
    """Store a run that may call these functions."""
    store.write_now(lambda connection: insert_run(connection, row, functions=functions))
