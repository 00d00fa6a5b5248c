"""The fields of records as whoever writes programs reads them."""

import dataclasses
import datetime
import enum
from typing import Any, NotRequired, TypedDict

import pytest
from pydantic import BaseModel

from sandbox.dispatch import HostFunction
from sandbox.shapes import MAX_CHARACTERS, fields_of
from sandbox.types import from_annotation


class Colour(enum.Enum):
    """Some colours."""

    RED = "r"
    BLUE = "b"


@dataclasses.dataclass
class Employee:
    """Somebody."""

    name: str
    since: datetime.date
    skills: dict[str, int] = dataclasses.field(default_factory=dict)


class Item(BaseModel):
    """A model."""

    id: int
    colour: Colour | None = None
    parts: list[Employee] = []


class Query(TypedDict):
    """A dictionary."""

    text: str
    limit: NotRequired[int]


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        (Employee, '{"name": str, "since": date, "skills"?: dict[str, int]}'),
        (list[Query], 'list[{"text": str, "limit"?: int}]'),
        (
            dict[str, Item],
            "dict[str, {\"id\": int, \"colour\"?: Literal['r', 'b'] | None, "
            '"parts"?: list[{"name": str, "since": date, "skills"?: dict[str, int]}]}]',
        ),
        (Query | None, '{"text": str, "limit"?: int} | None'),
        (dict[str, Any], None),
        (list[int], None),
    ],
    ids=["dataclass", "typed dict", "model", "optional", "dictionary", "list"],
)
def test_the_fields_of_records_are_told(annotation: Any, shown: str | None) -> None:
    """A model that reads `dict[str, Any]` guesses the keys."""
    assert fields_of(from_annotation(annotation, where="the value").schema(), as_text=False) == shown


def test_what_comes_as_json_has_its_dates_as_text() -> None:
    """An HTTP API gives text, whatever it means."""
    schema = {"type": "object", "properties": {"at": {"type": "string", "format": "date"}}, "required": ["at"]}

    assert fields_of(schema, as_text=True) == '{"at": str}'


def test_a_record_that_is_too_long_is_told_in_fewer_levels() -> None:
    """The prompt of a model is paid by its length."""
    inner = {"type": "object", "properties": {f"field_{n}": {"type": "string"} for n in range(40)}}
    schema = {"type": "object", "properties": {"a": inner, "b": {"type": "integer"}}}
    wide = {"type": "object", "properties": {f"field_{n}": {"type": "string"} for n in range(100)}}

    assert fields_of(schema, as_text=True) == '{"a"?: dict, "b"?: int}'
    assert len(fields_of(wide, as_text=True) or "") == MAX_CHARACTERS + len("...")


def test_a_schema_that_never_ends_is_told_in_bounded_time() -> None:
    """References that meet again are as many as one likes at each level."""
    choices = {"anyOf": [{"$ref": "#/$defs/A"}] * 1_000}
    schema = {"type": "object", "properties": {"a": choices}, "$defs": {"A": choices}}
    circle = {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}

    assert fields_of(schema, as_text=True) == '{"a"?: Any}'
    assert fields_of(circle, as_text=True) is None


def test_a_stub_tells_what_goes_in_and_what_comes_out() -> None:
    """Beside its description, in the words of its types."""

    def find(query: Query, limit: int = 3) -> list[Employee]:
        """Find people."""
        return [Employee(query["text"], datetime.date(2026, 1, 1))] * limit

    assert HostFunction.of(find).stub() == (
        "def find(query: dict[str, Any], limit: int = 3) -> list[dict[str, Any]]:\n"
        '    """Find people.\n'
        "\n"
        '    query: {"text": str, "limit"?: int}\n'
        '    Returns: list[{"name": str, "since": date, "skills"?: dict[str, int]}]\n'
        '    """\n'
        "    ..."
    )
