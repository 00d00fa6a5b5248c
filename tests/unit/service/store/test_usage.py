"""What a tenant has: counted with every write, given back with every deletion, and bounded."""

import pytest
from sqlalchemy import create_engine, text

from service.store.database import Store, open_store
from service.store.idempotency import Claim
from service.store.moves import Full, Taken, adding, beginning, claiming, moving
from service.store.rows import At, EventRow
from service.store.runs import delete_run, delete_runs
from service.store.usage import ENTRY_BYTES, RUN_BYTES, VERSION_BYTES, Usage, usage_of
from service.store.versions import v1
from tests.unit.service.store.rows import put, run_row

SUBMISSION = '{"source": "x"}'
RUNNING, EMPTY = At(status="running", wake=0), RUN_BYTES + len(SUBMISSION) + len("{}") + len('""')
RUN_OF_V1 = """
INSERT INTO runs VALUES (:name, :tenant, :status, 0, NULL, NULL, :name, '"t"', 'v', 'p', 'cpython', '3.14', 7, 1, NULL,
    :finished, NULL, NULL, '{"source": "ü"}', '{}', '12', '""', NULL, 0)
"""
ONE_EVENT = [EventRow(seq=1, name="run.queued", text="{}")]


def usage(store: Store, tenant: str = "default") -> Usage:
    """Return what a tenant has."""
    return store.read_now(lambda connection: usage_of(connection, tenant))


async def test_what_is_written_is_counted_in_bytes(store: Store) -> None:
    """Rows, journals and events all take room; a letter may take several bytes."""
    began = beginning(run_row(), functions=["add"], texts=["header"], events=ONE_EVENT)
    assert await store.write(began) is None
    begun = EMPTY + ENTRY_BYTES + len("header") + ENTRY_BYTES + len("{}")
    assert usage(store) == Usage(kept_bytes=begun, waiting_runs=1)

    assert await store.write(adding("run_1", tenant="default", wake=0, first=1, texts=["äöü"])) is None
    assert usage(store) == Usage(kept_bytes=begun + ENTRY_BYTES + 6, waiting_runs=1)

    columns = {"status": "completed", "finished_at": 1, "report": '{"a":1}', "output": "12345", "stdout": "hi"}
    ended = moving("run_1", tenant="default", expected=RUNNING, columns=columns, wake=0, first=2, texts=["end"])
    assert await store.write(ended) is None
    assert usage(store) == Usage(kept_bytes=begun + ENTRY_BYTES + 6 + 5 + 5 + 2 + ENTRY_BYTES + 3, waiting_runs=0)


async def test_a_journal_that_takes_the_place_of_another_is_counted_once(store: Store) -> None:
    """A run that is begun again writes all of its journals anew."""
    await store.write(beginning(run_row(), functions=[], texts=["header", "a long entry"]))

    await store.write(adding("run_1", tenant="default", wake=0, first=None, texts=["header"]))

    assert usage(store) == Usage(kept_bytes=EMPTY + ENTRY_BYTES + len("header"), waiting_runs=1)


async def test_deleting_gives_back_what_was_taken(store: Store) -> None:
    """By callers and by retention, of several tenants at once; nothing stays counted that is gone."""
    rows = {name: run_row(name, status="completed", finished_at=1, tenant=name[-1]) for name in ("run_a", "run_b")}
    put(store, *rows.values(), run_row("run_c", status="completed", finished_at=1, tenant="a"))
    for name, row in rows.items():
        await store.write(adding(name, tenant=row.tenant, wake=0, first=0, texts=["header"], events=ONE_EVENT))

    assert await store.write(lambda connection: delete_run(connection, "run_c", tenant="a")) is True
    assert usage(store, "a") == usage(store, "b")
    assert await store.write(lambda connection: delete_runs(connection, [*rows])) == 2

    assert (usage(store, "a"), usage(store, "b")) == (Usage(), Usage())


async def test_everything_that_belongs_to_a_run_is_given_back(store: Store) -> None:
    """To the byte, in whatever way a text is kept: what is given back is counted anew, and must be what was taken."""
    odd = 'ü"\x00\n'
    row = run_row(submission=f'{{"source": "{"ß" * 9}"}}', stdout=odd)
    await store.write(beginning(row, functions=["add"], texts=["header", "ü"], events=ONE_EVENT))
    columns = {"status": "completed", "finished_at": 1, "report": '{"ä":1}', "output": '"ö"', "stdout": odd * 3}
    ended = moving(
        "run_1", tenant="default", expected=RUNNING, columns=columns, wake=0, first=2, texts=["ü"],
        report=f"<p>{odd}</p>",
    )  # fmt: skip
    assert await store.write(ended) is None
    taken = usage(store).kept_bytes

    assert await store.write(lambda connection: delete_runs(connection, ["run_1", "run_0"])) == 1

    assert taken > RUN_BYTES + 4 * ENTRY_BYTES
    assert usage(store) == Usage()


async def test_a_run_beyond_what_its_tenant_may_have_is_not_written(store: Store) -> None:
    """Neither for their number nor for their bytes; another tenant has room of its own."""
    put(store, run_row("run_1"))
    has = Usage(kept_bytes=EMPTY, waiting_runs=1)
    too_many, too_large = Usage(kept_bytes=10**9, waiting_runs=1), Usage(kept_bytes=2 * EMPTY, waiting_runs=9)

    many = beginning(run_row("run_2"), functions=[], texts=[], most=too_many)
    large = beginning(run_row("run_2"), functions=[], texts=["header"], most=too_large)
    ended = beginning(run_row("run_3", status="failed", finished_at=1), functions=[], texts=[], most=too_many)
    others = beginning(run_row("run_4", tenant="other"), functions=[], texts=[], most=too_many)

    assert await store.write(many) == Full(usage=has)
    assert await store.write(large) == Full(usage=has)
    assert usage(store) == has
    assert await store.write(ended) is None
    assert await store.write(others) is None


async def test_a_key_is_free_again_when_there_is_no_room_for_its_run(store: Store) -> None:
    """The same submission, sent again when there is room, must not be taken for one that was accepted."""
    wanted = Claim(body_digest="d", run_id="run_1")
    none, some = Usage(kept_bytes=0, waiting_runs=9), Usage(kept_bytes=10**6, waiting_runs=9)

    assert await store.write(claiming(run_row(), functions=[], key="k", wanted=wanted, most=none)) == Full(
        usage=Usage()
    )
    again = Claim(body_digest="d", run_id="run_2")
    assert await store.write(claiming(run_row("run_2"), functions=[], key="k", wanted=again, most=some)) == again


async def test_a_run_that_grows_beyond_it_stays_as_it_is(store: Store) -> None:
    """Half of what belongs together must not be there; what makes a run smaller, or ends it, always is."""
    put(store, run_row("run_1", stdout="x" * 100))
    most = Usage(kept_bytes=EMPTY + 100 + ENTRY_BYTES, waiting_runs=0)
    has = Usage(kept_bytes=EMPTY + 100, waiting_runs=1)

    added = adding("run_1", tenant="default", wake=0, first=0, texts=["header"], most=most)
    assert await store.write(added) == Full(usage=has)
    moved = moving(
        "run_1", tenant="default", expected=RUNNING, columns={"status": "suspended"}, wake=1, first=0,
        texts=["header"], most=most,
    )  # fmt: skip
    assert await store.write(moved) == Full(usage=has)
    columns = {"status": "failed", "finished_at": 1, "stdout": ""}
    ended = moving(
        "run_1", tenant="default", expected=RUNNING, columns=columns, wake=0, first=0, texts=[], most=most
    )  # fmt: skip
    assert await store.write(ended) is None
    assert usage(store) == Usage(kept_bytes=EMPTY, waiting_runs=0)


async def test_what_somebody_else_took_over_is_not_counted(store: Store) -> None:
    """A driver that comes too late writes nothing, so it takes nothing."""
    put(store, run_row("run_1", wake=3))
    before = usage(store)

    late = moving("run_1", tenant="default", expected=RUNNING, columns={"finished_at": 1}, wake=1, first=0, texts=["e"])
    assert await store.write(adding("run_1", tenant="default", wake=2, first=0, texts=["header"])) == Taken()
    assert await store.write(late) == Taken()

    assert usage(store) == before


def test_what_an_earlier_release_kept_is_counted_when_it_is_opened(database: str) -> None:
    """Whoever upgrades must neither lose runs nor be given room for nothing."""
    engine = create_engine(database if "://" in database else f"sqlite:///{database}")
    with engine.begin() as connection:
        for statement in (*v1.STATEMENTS, "CREATE TABLE isthmus_schema (version INTEGER NOT NULL)"):
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO isthmus_schema (version) VALUES (1)"))
        for name, tenant, status, finished_at in [
            ("run_1", "a", "suspended", None), ("run_2", "a", "completed", 2), ("run_3", "b", "running", None),
        ]:  # fmt: skip
            connection.execute(
                text(RUN_OF_V1),
                {"name": name, "tenant": tenant, "status": status, "finished": finished_at},
            )
        connection.execute(text("INSERT INTO entries VALUES ('run_1', 0, 'header'), ('run_1', 1, 'äö')"))
        connection.execute(text("INSERT INTO events VALUES ('run_2', 1, 'run.queued', '{}')"))
        for tenant in ("b", "c"):
            values = {"tenant": tenant, "body": '{"source": "ü"}'}
            connection.execute(text("INSERT INTO templates VALUES (:tenant, 't', 'v1', 1, 1)"), values)
            connection.execute(text("INSERT INTO template_versions VALUES (:tenant, 't', 'v1', :body, 1)"), values)
        connection.execute(text("INSERT INTO compiled VALUES ('c', 't', 'v1', 'e', 'b', 'code')"))
    engine.dispose()

    store = open_store(database)

    row = RUN_BYTES + len('{"source": "ü"}'.encode()) + len("{}") + len("12") + len('""')
    journal, events = 2 * ENTRY_BYTES + len("header") + 4, ENTRY_BYTES + len("{}")
    assert usage(store, "a") == Usage(kept_bytes=2 * row + journal + events, waiting_runs=1)
    template = VERSION_BYTES + len('{"source": "ü"}'.encode())
    assert usage(store, "b") == Usage(kept_bytes=row + template, waiting_runs=1)
    assert usage(store, "c") == Usage(kept_bytes=template + ENTRY_BYTES + len("code"))
    assert store.write_now(lambda connection: delete_run(connection, "run_2", tenant="a")) is True
    assert usage(store, "a") == Usage(kept_bytes=row + journal, waiting_runs=1)
    store.close()


@pytest.mark.parametrize("waiting_runs", [0, 1])
async def test_a_bound_is_reached_exactly(store: Store, waiting_runs: int) -> None:
    """What fits to the byte fits."""
    most = Usage(kept_bytes=EMPTY, waiting_runs=waiting_runs)
    begun = await store.write(beginning(run_row(), functions=[], texts=[], most=most))

    assert (begun is None) is (waiting_runs == 1)
