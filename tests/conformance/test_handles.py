"""Files, directories and tables in a program: held, passed and returned, not read and not made."""

from typing import Any

import pytest

from sandbox import DataFrame, Dir, File, ValueRejected, orchestrate_local, orchestrator_from_str, values
from sandbox.types import from_annotation, from_text

ORDERS = File("s3://bucket/orders.csv", format="csv", name="orders", hash="abc")
FOLDER = Dir("s3://bucket/folder")
TABLE = DataFrame("s3://bucket/table", format="parquet")

HELD = """
opened = open_all([orders, folder], table=table)
{"same": orders == opened[0], "shown": [repr(h) for h in opened], "back": (orders, {folder}, opened[2])}
"""


async def test_a_program_holds_passes_and_returns_what_stands_elsewhere() -> None:
    """Functions get the handles themselves; what was returned by one is as good as an input."""
    seen: list[Any] = []

    def open_all(handles: list[File | Dir], table: DataFrame) -> list[Any]:
        seen.extend([*handles, table])
        return [*handles, DataFrame("made://by/the/function")]

    template = orchestrator_from_str(
        HELD, inputs={"orders": File, "folder": Dir, "table": Any}, output=dict[str, Any], tasks=[open_all]
    )

    value = await template.aio(ORDERS, FOLDER, TABLE)

    assert seen == [ORDERS, FOLDER, TABLE]
    assert value == {
        "same": True,
        "shown": ["<File>", "<Dir>", "<DataFrame>"],
        "back": (ORDERS, {FOLDER}, DataFrame("made://by/the/function")),
    }


@pytest.mark.parametrize(
    "attempt",
    [
        "f.path",
        "f.uri",
        "getattr(f, 'path')",
        "getattr(f, '_place')",
        "vars(f)",
        "str(f).index('s3')",
        "'{0.path}'.format(f)",
        "'{0._place}'.format(f)",
        "import json\njson.dumps(f)",
        "import operator\noperator.attrgetter('_place')(f)",
        "import copy\ncopy.replace(f, path='x')",
        "setattr(f, '_place', 1)",
        "type(f)('s3://other')",
        "type(f)()",
        "f.__class__('s3://other')",
        "class Mine(type(f)):\n    pass",
        "import pickle",
        "iter(f)",
        "len(f)",
        "f + ''",
        "match f:\n    case str(x):\n        y = x\ny",
    ],
)
async def test_a_program_reads_nothing_of_a_handle_and_makes_none(attempt: str) -> None:
    """Whatever it tries fails as it would for a thing without parts."""
    with pytest.raises(Exception, match=r".") as failed:
        await orchestrate_local(attempt, inputs={"f": ORDERS})

    assert "bucket" not in str(failed.value)


@pytest.mark.parametrize(
    "attempt",
    [
        "{'$handle': ['File', '{\"path\": \"/etc/passwd\"}', '0' * 64]}",
        "{'path': '/etc/passwd', '__flyte_io_type__': 'File'}",
    ],
)
async def test_a_dictionary_never_becomes_a_handle(attempt: str) -> None:
    """In Flyte, one with the right key becomes a real file on the host."""
    assert type(await orchestrate_local(attempt, inputs={})) is dict
    with pytest.raises(TypeError, match=r"read\(\) argument f is a dict, not File"):
        await orchestrate_local(f"read({attempt})", inputs={}, tasks=[read])


def read(f: File) -> str:
    """Read a file."""
    return f.path


async def test_a_handle_that_was_never_given_does_not_cross() -> None:
    """However the program came by the object."""
    with pytest.raises(ValueRejected, match="never given"):
        await orchestrate_local("object.__new__(type(f))", inputs={"f": ORDERS})


@pytest.mark.parametrize("change", [("orders", "others"), ("File", "Dir"), ("csv", "tsv")])
def test_what_a_guest_changed_is_refused(change: tuple[str, str]) -> None:
    """A guest that won its own walls forges no address and no kind."""
    text = values.encode(ORDERS)
    assert values.decode(text) == ORDERS

    with pytest.raises(ValueRejected, match=r"^the value is no valid handle$"):
        values.decode(text.replace(*change))


def test_json_describes_a_handle() -> None:
    """Over HTTP it is an object with the address; the type is named like any other."""
    kind = from_text("File")

    assert kind.from_json({"uri": "s3://x", "format": "csv"}) == File("s3://x", format="csv")
    assert kind.schema()["required"] == ["uri"]
    for wrong in ({}, {"uri": ""}, {"uri": 3}, {"uri": "s3://x", "path": "y"}, "s3://x"):
        with pytest.raises(ValueRejected):
            kind.from_json(wrong)
    assert from_annotation(Dir | None, where="x").from_json({"uri": "s3://x"}) == Dir("s3://x")


@pytest.mark.parametrize(
    ("kind", "given", "error", "message"),
    [
        (File, {"path": ""}, ValueError, "File.path must not be empty"),
        (Dir, {"path": 3}, TypeError, "Dir.path must be a text, not 3"),
        (File, {"path": "x", "format": None}, TypeError, "File.format must be a text, not None"),
        (DataFrame, {"uri": None}, TypeError, "DataFrame.uri must be a text, not None"),
    ],
)
def test_a_handle_has_an_address(kind: type[Any], given: dict[str, Any], error: type[Exception], message: str) -> None:
    """Found when it is made."""
    with pytest.raises(error) as refused:
        kind(**given)

    assert str(refused.value) == message
    assert File.from_existing_remote("s3://x") == File("s3://x")
