"""The JSON schema of inputs: what flyte 2.12.1 gives for the same types, in `flyte_schemas.json`, and the standard's.

The file holds what `flyte.models.NativeInterface.json_schema` answered, without the key `python_class_name`, which is
the `repr` of a class, and with whole numbers as such.
"""

import datetime
import decimal
import enum
import json
import typing
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NotRequired, Optional, TypedDict

import pydantic
import pytest

from sandbox import DataFrame, Dir, File, orchestrator_from_str
from sandbox.interface import NativeInterface
from sandbox.types import from_annotation, from_text


class Colour(enum.Enum):
    """An enum of texts."""

    RED = "red"
    GREEN = "green"


@dataclass
class Point:
    """A dataclass with defaults."""

    x: int
    y: float = 0.5
    tags: list[str] = field(default_factory=list)


@dataclass
class Line:
    """A dataclass that contains another one."""

    a: Point
    b: Point | None = None


class Order(pydantic.BaseModel):
    """A model."""

    model_config = pydantic.ConfigDict(json_schema_extra=lambda schema: schema.pop("description"))
    sku: str
    count: int = 1
    when: datetime.datetime | None = None


class Nested(pydantic.BaseModel):
    """A model that contains another one."""

    model_config = pydantic.ConfigDict(json_schema_extra=lambda schema: schema.pop("description"))
    order: Order
    orders: list[Order]


class Movie(TypedDict):
    """A TypedDict."""

    name: str
    year: NotRequired[int]


NAMES: dict[str, Any] = {
    **vars(typing),
    **{kind.__name__: kind for kind in (Colour, Point, Line, Order, Nested, Movie)},
    **{kind.__name__: kind for kind in (File, Dir, DataFrame)},
    "datetime": datetime,
    "decimal": decimal,
    "uuid": uuid,
}
MEASURED: dict[str, Any] = json.loads((Path(__file__).parent / "flyte_schemas.json").read_text(encoding="utf-8"))
# What differs, and why; everything else is the same.
DIFFERENT = {
    # Flyte calls it after the spelling, tuple or Tuple; one type has one name here.
    **{name: "tuple" for name in MEASURED if name.startswith("tuple[") and "..." not in name and "()" not in name},
    "Union[tuple[int, str], int]": "tuple",
    # Flyte refers to the fields of its own class there.
    "tuple[File, int]": "file in a tuple",
    # Flyte knows literals as the type of a function's parameter only, as an enum; here they are that everywhere.
    **{name: "literal" for name in MEASURED if "Literal" in name},
    # Flyte gives the fields titles, and allows null for one that may be missing.
    "Movie": "typed dict",
}


def flyte(annotation: Any) -> Any:
    """The schema of one input."""
    return NativeInterface.from_types({"x": annotation}).json_schema["properties"]["x"]


def type_called(name: str) -> Any:
    """The type that a name of the file stands for."""
    return eval(name, dict(NAMES))  # noqa: S307 - our own file


@pytest.mark.parametrize("name", [name for name in MEASURED if name not in DIFFERENT])
def test_a_type_has_the_schema_that_flyte_gives_it(name: str) -> None:
    """Tools that read the schemas of tasks go on working."""
    assert flyte(type_called(name)) == MEASURED[name]


@pytest.mark.parametrize("name", [name for name, why in DIFFERENT.items() if why == "tuple"])
def test_a_tuple_differs_in_its_name_only(name: str) -> None:
    """`typing.Tuple` is `TupleWrapper_Tuple` there as well."""
    expected = json.loads(json.dumps(MEASURED[name]).replace("TupleWrapper_tuple", "TupleWrapper_Tuple"))

    assert flyte(type_called(name)) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal[1, 2], {"enum": [1, 2]}),
        (Literal[Colour.RED], {"type": "string", "enum": ["RED"]}),
        (list[Literal["a"]], {"type": "array", "items": {"type": "string", "enum": ["a"]}}),
        (
            Literal["a"] | int,
            {
                "oneOf": [
                    {
                        "type": "string",
                        "enum": ["a"],
                        "title": "DefaultEnumTransformer",
                        "structure": "DefaultEnumTransformer",
                    },
                    {"type": "integer", "title": "int", "structure": "int"},
                ],
                "format": "union",
            },
        ),
        (
            Movie,
            {
                "type": "object",
                "properties": {"name": {"type": "string"}, "year": {"type": "integer"}},
                "required": ["name"],
                "dataclass": "TypedDictWrapper_Movie",
            },
        ),
    ],
)
def test_what_flyte_leaves_open_is_described(annotation: Any, expected: Any) -> None:
    """It pickles literals, or describes what it would not take."""
    assert flyte(annotation) == expected


def test_inputs_stand_in_order_and_those_without_default_are_required() -> None:
    """`Optional` alone does not make an input optional; one without a type is a text, as in Flyte."""

    def work(b: int, a: Optional[str], c: float = 1.0, d=None) -> None:  # type: ignore[no-untyped-def]  # noqa: UP045
        """Do nothing."""

    schema = NativeInterface.from_callable(work).json_schema

    assert schema == {
        "type": "object",
        "properties": {
            "b": {"type": "integer"},
            "a": {"type": "string"},
            "c": {"type": "number", "format": "float"},
            "d": {"type": "string"},
        },
        "required": ["b", "a"],
    }
    assert [*schema["properties"]] == ["b", "a", "c", "d"]
    assert orchestrator_from_str("1", inputs={}).json_schema == {"type": "object", "properties": {}, "required": []}


def test_the_standard_dialect_says_what_json_is_taken() -> None:
    """For validators and forms, which do not know Flyte's words."""
    template = orchestrator_from_str("1", inputs={"at": datetime.datetime, "n": float | None, "pair": tuple[int, str]})

    assert template.interface.standard_schema() == {
        "type": "object",
        "properties": {
            "at": {"type": "string", "format": "date-time"},
            "n": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "pair": {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        },
        "required": ["at", "n", "pair"],
        "additionalProperties": False,
    }


def test_types_that_are_named_have_the_schemas_of_types() -> None:
    """Over the wire a type is a text."""
    for text, annotation in [("list", list), ("list[Any]", list[Any]), ("dict[str, int]", dict[str, int])]:
        assert from_text(text).flyte_schema() == from_annotation(annotation, where="x").flyte_schema()
