"""The rows of runs."""

import dataclasses

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from service.store.database import Store
from service.store.entries import append_entries, read_entries
from service.store.events import append_events, read_events
from service.store.idempotency import Claim, claim, release
from service.store.moves import Taken, adding
from service.store.rows import At, EventRow, RunFilter, RunHead
from service.store.runs import (
    change_run,
    delete_run,
    delete_runs,
    due_runs,
    find_any_run,
    find_run,
    functions_of,
    insert_run,
    list_runs,
    old_runs,
    unfinished_runs,
)
from tests.unit.service.store.rows import put, put_with, run_row

RUNNING = At(status="running", wake=0)


async def test_a_run_comes_back_as_it_was_stored(store: Store) -> None:
    """Every column is part of what a replay or an answer needs; text of a program may hold anything."""
    row = run_row(
        owner="replica-1", parent_id="run_0", root_id="run_0", template_name='a "name"\x00', started_at=1,
        finished_at=2, expires_at=3, due_at=4, report='{"a": 1}', output="null", stdout="ü\x00\n", wake=3,
    )  # fmt: skip

    await store.write(lambda connection: insert_run(connection, row, functions=["b", "a", "b"]))

    assert await store.read(lambda connection: find_run(connection, "run_1", tenant="default")) == row
    assert await store.read(lambda connection: functions_of(connection, "run_1")) == ["a", "b"]


async def test_a_run_of_another_tenant_is_not_there(store: Store) -> None:
    """A foreign id must look like one that never was."""
    row = run_row(finished_at=1)
    await store.write(lambda connection: insert_run(connection, row))

    assert await store.read(lambda connection: find_run(connection, "run_1", tenant="other")) is None
    assert await store.read(lambda connection: list_runs(connection, tenant="other", limit=10)) == []
    assert await store.write(lambda connection: delete_run(connection, "run_1", tenant="other")) is False
    assert await store.read(lambda connection: find_any_run(connection, "run_1")) == row


async def test_of_two_changes_one_wins(store: Store) -> None:
    """Two requests resume at once: the second one must see that the run is not as it knew it."""
    await store.write(lambda connection: insert_run(connection, run_row()))

    def resume(connection: Connection, owner: str) -> bool:
        return change_run(connection, "run_1", expected=RUNNING, wake=1, owner=owner)

    assert await store.write(lambda connection: resume(connection, "one")) is True
    assert await store.write(lambda connection: resume(connection, "two")) is False
    found = await store.read(lambda connection: find_any_run(connection, "run_1"))
    assert found == run_row(wake=1, owner="one")


async def test_a_list_goes_on_where_its_last_page_ended(store: Store) -> None:
    """Newest first, without gaps, also when runs are added meanwhile."""
    ids = [f"run_{number}" for number in range(5)]
    put(store, *map(run_row, ids))

    first = await store.read(lambda connection: list_runs(connection, tenant="default", limit=2))
    await store.write(lambda connection: insert_run(connection, run_row("run_9")))
    rest = await store.read(lambda connection: list_runs(connection, tenant="default", before=first[-1].id, limit=9))

    assert [run.id for run in [*first, *rest]] == ids[::-1]
    assert first[0] == _head("run_4")


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (RunFilter(status="failed"), ["run_b", "run_a"]),
        (RunFilter(template="report"), ["run_c", "run_b"]),
        (RunFilter(function="add"), ["run_c", "run_a"]),
        (RunFilter(status="failed", template="report", function="sub"), ["run_b"]),
        (RunFilter(status="expired"), []),
    ],
)
async def test_a_list_shows_the_runs_that_were_asked_for(store: Store, where: RunFilter, found: list[str]) -> None:
    """Filters go together: all of them have to fit."""
    rows = {
        run_row("run_a", status="failed"): ["add"],
        run_row("run_b", status="failed", template_name="report"): ["sub"],
        run_row("run_c", template_name="report"): ["add", "sub"],
        run_row("run_d", tenant="other", status="failed", template_name="report"): ["add", "sub"],
    }
    for row, functions in rows.items():
        put_with(store, row, functions)

    listed = await store.read(lambda connection: list_runs(connection, tenant="default", where=where, limit=9))

    assert [run.id for run in listed] == found


async def test_due_runs_come_in_the_order_in_which_they_fell_due(store: Store) -> None:
    """What waited longest is woken first; what is not due yet is left alone."""
    put(
        store,
        run_row("run_a", due_at=30),
        run_row("run_b", due_at=10),
        run_row("run_c", due_at=31),
        run_row("run_d"),
    )

    assert [run.id for run in await store.read(lambda connection: due_runs(connection, now=30, limit=9))] == [
        "run_b", "run_a",
    ]  # fmt: skip


async def test_runs_that_have_not_finished_are_found_at_a_start(store: Store) -> None:
    """They are what a service that was killed goes on with."""
    rows = [run_row("run_a"), run_row("run_b", status="queued"), run_row("run_c", status="suspended")]
    put(store, *rows, run_row("run_d", status="running", finished_at=1))

    found = await store.read(lambda connection: unfinished_runs(connection, ["running", "queued"]))

    assert sorted(run.id for run in found) == ["run_a", "run_b"]


async def test_a_deleted_run_takes_everything_with_it(store: Store) -> None:
    """What a caller deletes must be gone: journal, events, and what its key stood for."""

    def fill(connection: Connection) -> None:
        insert_run(connection, run_row(status="completed", finished_at=1), functions=["add"])
        append_entries(connection, "run_1", first=0, texts=["header"])
        append_events(connection, "run_1", [EventRow(seq=0, name="run.queued", text="{}")])
        claim(connection, tenant="default", key="k", wanted=Claim(body_digest="d", run_id="run_1"), now=1)

    await store.write(fill)

    assert await store.write(lambda connection: delete_run(connection, "run_1", tenant="default")) is True
    assert await store.write(lambda connection: delete_run(connection, "run_1", tenant="default")) is False
    assert await store.read(lambda connection: read_entries(connection, "run_1")) == []
    assert await store.read(lambda connection: read_events(connection, "run_1", tenant="default", limit=9)) == []
    assert await store.read(lambda connection: functions_of(connection, "run_1")) == []
    again = Claim(body_digest="other", run_id="run_2")
    taken = await store.write(lambda connection: claim(connection, tenant="default", key="k", wanted=again, now=2))
    assert taken == again


async def test_a_run_that_goes_on_is_not_deleted(store: Store) -> None:
    """Somebody drives it."""
    await store.write(lambda connection: insert_run(connection, run_row()))

    assert await store.write(lambda connection: delete_run(connection, "run_1", tenant="default")) is False
    assert await store.write(lambda connection: delete_runs(connection, ["run_1"])) == 0


async def test_retention_takes_the_old_and_the_many_and_no_other(store: Store) -> None:
    """By age, and by count for each tenant; a run that has not finished is never too old."""
    rows = [
        run_row("run_0", finished_at=10),
        run_row("run_1", finished_at=20),
        run_row("run_2", finished_at=21),
        run_row("run_3", finished_at=22),
        run_row("run_4"),
        run_row("run_5", tenant="other", finished_at=20),
    ]
    put(store, *rows)

    found = await store.read(lambda connection: old_runs(connection, finished_before=15, keep=2))

    assert sorted(found) == ["run_0", "run_1"]
    assert await store.write(lambda connection: delete_runs(connection, found)) == 2


async def test_entries_are_appended_only_by_whoever_has_the_run(store: Store) -> None:
    """A driver that was taken for dead must not write into the journal of the one that took its place."""
    await store.write(lambda connection: insert_run(connection, run_row(wake=1)))

    stale, current = (
        adding("run_1", tenant="default", wake=wake, first=0, texts=["header\n", "asked\n"]) for wake in (0, 1)
    )

    assert await store.write(stale) == Taken()
    assert await store.write(current) is None
    assert await store.read(lambda connection: read_entries(connection, "run_1")) == ["header\n", "asked\n"]


async def test_an_entry_is_never_written_over(store: Store) -> None:
    """The journal is append-only, whoever errs."""
    await store.write(lambda connection: insert_run(connection, run_row()))
    await store.write(lambda connection: append_entries(connection, "run_1", first=0, texts=["header"]))

    with pytest.raises(IntegrityError):
        await store.write(lambda connection: append_entries(connection, "run_1", first=0, texts=["other"]))

    assert await store.read(lambda connection: read_entries(connection, "run_1")) == ["header"]


async def test_events_are_read_on_from_a_number(store: Store) -> None:
    """A watcher comes back with the number of the last event that it has seen."""
    rows = [EventRow(seq=seq, name=f"event.{seq}", text="{}") for seq in range(4)]
    await store.write(lambda connection: insert_run(connection, run_row()))
    await store.write(lambda connection: append_events(connection, "run_1", rows))

    assert await store.read(lambda connection: read_events(connection, "run_1", tenant="default", limit=9)) == rows
    assert await store.read(
        lambda connection: read_events(connection, "run_1", tenant="default", after=1, limit=1)
    ) == [rows[2]]


async def test_a_key_stands_for_the_run_that_took_it_first(store: Store) -> None:
    """The same submission sent twice must not run twice; another tenant's key is another key."""
    first, second = Claim(body_digest="d", run_id="run_1"), Claim(body_digest="d", run_id="run_2")

    def take(tenant: str, wanted: Claim) -> Claim:
        return store.write_now(lambda connection: claim(connection, tenant=tenant, key="k", wanted=wanted, now=1))

    assert take("default", first) == first
    assert take("default", second) == first
    assert take("other", second) == second
    store.write_now(lambda connection: release(connection, tenant="default", key="k", run_id="run_2"))
    assert take("default", second) == first
    store.write_now(lambda connection: release(connection, tenant="default", key="k", run_id="run_1"))
    assert take("default", second) == second


def _head(run_id: str) -> RunHead:
    row = run_row(run_id)
    return RunHead(**{field.name: getattr(row, field.name) for field in dataclasses.fields(RunHead)})
