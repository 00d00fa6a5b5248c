"""The type boundary: what is taken, what is refused and where, what JSON stands for."""

import dataclasses
import datetime
import decimal
import enum
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, NewType, Optional, TypedDict, Union

import pydantic
import pytest
from hypothesis import given

from sandbox import values
from sandbox.errors import ValueRejected
from sandbox.json_values import to_json
from sandbox.types import ValueType, from_annotation, from_text
from tests.typed_values import Colour, Typed, same, typed_values

UserId = NewType("UserId", int)


@dataclasses.dataclass
class Point:
    """Two numbers, one with a default."""

    x: float
    y: float = 0.0


@dataclasses.dataclass
class Tree:
    """A record that contains itself."""

    name: str
    children: "list[Tree]" = dataclasses.field(default_factory=list)


class Movie(TypedDict, total=False):
    """A TypedDict without required keys."""

    title: str
    year: int


class Order(pydantic.BaseModel):
    """A model with its own rules."""

    sku: str
    quantity: int = pydantic.Field(gt=0)
    colours: list[Colour] = []


@dataclasses.dataclass
class Even:
    """A dataclass that refuses some of its values, and computes a field."""

    number: int
    half: int = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("odd")
        self.half = self.number // 2


@dataclasses.dataclass
class Unresolved:
    """Its annotation stands for nothing."""

    field: "Missing"  # type: ignore[name-defined]  # noqa: F821 - what is tested


class Callback(enum.Enum):
    """Its values cannot cross."""

    FIRST = (object,)


class Permission(enum.Flag):
    """Combinations of flags have no name."""

    READ = 1
    WRITE = 2


def typed(annotation: Any) -> ValueType:
    """The type that an input `n` would have."""
    return from_annotation(annotation, where="Sandboxed task input 'n'")


@given(typed_values)
def test_a_value_of_its_type_goes_in_and_comes_out_equal(one: Typed) -> None:
    """What was checked on the way in crosses, and is the same value when it was checked on the way out."""
    kind = typed(one.annotation)

    crossed = values.decode(values.encode(kind.lower(one.value, "n")))

    assert same(kind.check(crossed), one.value)


@given(typed_values)
def test_a_value_survives_json(one: Typed) -> None:
    """What an answer over HTTP holds is read back by the declared type as the same value."""
    kind = typed(one.annotation)
    try:
        text = json.dumps(to_json(one.value), allow_nan=False)
    except ValueRejected as refused:
        reason = refused.reason
    else:
        assert same(kind.from_json(json.loads(text)), one.value)
        return

    # The two things that JSON has no way to write.
    assert "is infinite" in reason or "as keys only" in reason


@given(typed_values)
def test_a_value_fits_the_type_that_its_text_names(one: Typed) -> None:
    """A type shown to somebody is a type that they can send."""
    kind = typed(one.annotation)

    assert from_text(kind.text).text == kind.text if len(kind.text) <= 256 else True


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (int, "1", "n is a str, not int"),
        (int, True, "n is a bool, not int"),
        (int, 1.0, "n is a float, not int"),
        (float, 2**53 + 1, "n is an int that no float is equal to; declare int, or pass a float"),
        (float, 10**400, "n is an int that no float is equal to; declare int, or pass a float"),
        (float, False, "n is a bool, not float"),
        (str, None, "n is None, not str"),
        (None, 0, "n is an int, not None"),
        (datetime.date, datetime.datetime(2026, 1, 1), "n is a datetime, not date"),  # noqa: DTZ001 - no zone needed
        (list[int], [1, "2"], "n[1] is a str, not int"),
        (list[int], (1, 2), "n is a tuple, not list[int]"),
        (dict[str, list[float]], {"rows": [1.5, None]}, "n.rows[1] is None, not float"),
        (dict[str, int], {1: 2}, "n has the key 1, which is an int, not str"),
        (dict[str, dict[str, int]], {"a b": {"c": "d"}}, "n['a b'].c is a str, not int"),
        (tuple[int, str], (1,), "n has 1 items; tuple[int, str] has 2"),
        (tuple[int, ...], (1, "a"), "n[1] is a str, not int"),
        (set[int], {1, 2.5}, "n[1] is a float, not int"),
        (int | None, "a", "n is a str, not int | None"),
        (int | list[int], ["a"], "n[0] is a str, not int"),
        (Literal["a", 1], True, "n is none of 'a', 1"),
        (Colour, "BLUE", "n is no member of Colour; members: 'RED', 'GREEN'"),
        (Point, {"y": 1}, "n lacks x of Point"),
        (Point, {"x": 1, "z": 2}, "n has 'z', which is no field of Point; fields: x, y"),
        (Point, 3, "n is an int, not a Point"),
        (list[Point], [{"x": "1"}], "n[0].x is a str, not float"),
        (Movie, {"year": "1999"}, "n.year is a str, not int"),
        (Even, {"number": 3}, "n is refused by Even: ValueError: odd"),
        (Order, 3, "n is an int, not an Order"),
        (Order, {"sku": "a", "quantity": 1, "colours": [9]}, "n.colours[0] does not fit Order: Input should be 1 or"),
        (Order, {"sku": "a", "quantity": 0}, "n.quantity does not fit Order: Input should be greater than 0"),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_path(annotation: Any, value: Any, message: str) -> None:
    """Nothing is converted that would lose something, and whoever repairs it is told where it is."""
    kind = typed(annotation)

    with pytest.raises(ValueRejected) as leaving:
        kind.check(value, "n")
    assert str(leaving.value).startswith(message)
    if annotation is Even:
        # What a class thinks of its values is asked where an object is made.
        return
    with pytest.raises(ValueRejected) as entering:
        kind.lower(value, "n")
    assert str(entering.value).startswith(message)


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (float, 3, 3.0),
        (list[float], [1, 2.5], [1.0, 2.5]),
        (int | float, 1.0, 1.0),
        (float | int, 1, 1),
        (list[float] | list[int], [1], [1]),
        (bytes, bytearray(b"ab"), b"ab"),
        (Annotated[int, "positive"], 4, 4),
        (UserId, 4, 4),
        (Optional[int], None, None),  # noqa: UP045 - the old spelling is what is tested
        (Union[int, str], "a", "a"),  # noqa: UP007 - as above
        (Any, {"a": [1]}, {"a": [1]}),
        (list, [1, "a"], [1, "a"]),
    ],
)
def test_what_loses_nothing_is_converted(annotation: Any, value: Any, expected: Any) -> None:
    """An int is a float when a float is equal to it; a value that fits several members of a union stays as it is."""
    assert same(typed(annotation).check(value), expected)
    assert same(typed(annotation).lower(value), expected)


def test_a_record_is_a_dictionary_in_the_guest_and_an_object_on_the_host() -> None:
    """A guest has no classes of the host."""
    tree = Tree("root", [Tree("leaf")])
    lowered = {"name": "root", "children": [{"name": "leaf", "children": []}]}

    assert typed(Tree).lower(tree) == lowered
    assert typed(Tree).check(lowered) == tree
    order = Order(sku="a", quantity=2, colours=[Colour.GREEN])
    assert typed(Order).lower(order) == {"sku": "a", "quantity": 2, "colours": ["green"]}
    assert typed(Order).check({"sku": "a", "quantity": 2, "colours": ["green"]}) == order
    assert typed(Order).from_json({"sku": "a", "quantity": 2, "colours": ["green"]}) == order
    assert typed(Even).lower(Even(4)) == {"number": 4, "half": 2}
    assert typed(Even).check({"number": 4, "half": 2}) == Even(4)
    assert typed(Movie).from_json({"year": 1999}) == typed(Movie).check({"year": 1999}) == {"year": 1999}
    assert typed(list[Point]).from_json([{"x": 1}]) == [Point(1.0)]
    assert typed(Point | None).lower(Point(1, 2)) == {"x": 1.0, "y": 2.0}
    assert typed(Point | None).check({"x": 1}) == Point(1.0)


def test_an_enum_crosses_as_its_name() -> None:
    """The name is what both sides can know."""
    assert typed(Colour).lower(Colour.GREEN) == "GREEN"
    assert typed(Colour).check("GREEN") is Colour.GREEN
    assert typed(Colour).text == "Literal['RED', 'GREEN']"


def test_a_value_that_contains_itself_is_refused() -> None:
    """A cycle would be walked for ever."""
    tree = Tree("root")
    tree.children.append(tree)

    with pytest.raises(ValueRejected, match="is nested too deeply, or contains itself; flatten the value"):
        typed(Tree).lower(tree)


def generator() -> Iterator[int]:
    """Stands for what cannot cross."""
    yield 1


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        (object, "object"),
        (complex, "complex"),
        (range, "range"),
        (Callable[[int], int], "collections.abc.Callable[[int], int]"),
        (Iterator[int], "collections.abc.Iterator[int]"),
        (list[complex], "complex"),
        (Permission, "Permission"),
        (3, "3"),
        pytest.param(generator, str(generator), id="a generator"),
    ],
)
def test_a_type_that_cannot_cross_is_refused(annotation: Any, shown: str) -> None:
    """It is refused when the template is made, not in the middle of a run."""
    with pytest.raises(TypeError) as refused:
        typed(annotation)

    assert str(refused.value).startswith(f"Sandboxed task input 'n' has unsupported type {shown}; types that can cross")


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("bytes", "aGk=", b"hi"),
        ("tuple[int, str]", [1, "a"], (1, "a")),
        ("set[int]", [1, 2], {1, 2}),
        ("Decimal", "12.50", decimal.Decimal("12.50")),
        ("Decimal", 12, decimal.Decimal(12)),
        ("UUID", "12345678123456781234567812345678", uuid.UUID(int=0x12345678123456781234567812345678)),
        ("datetime", "2026-01-31T09:30:00Z", datetime.datetime(2026, 1, 31, 9, 30, tzinfo=datetime.UTC)),
        ("date", "2026-01-31", datetime.date(2026, 1, 31)),
        ("timedelta", "P1DT2H30M0.5S", datetime.timedelta(days=1, hours=2, minutes=30, milliseconds=500)),
        ("timedelta", "-PT1S", datetime.timedelta(seconds=-1)),
        ("dict[int, str]", {"1": "a"}, {1: "a"}),
        ("date | str", "2026-01-31", datetime.date(2026, 1, 31)),
        ("str | date", "2026-01-31", "2026-01-31"),
        ("float | int", 1, 1),
        ("float", 1, 1.0),
        ("Any", [1, {"a": None}], [1, {"a": None}]),
    ],
)
def test_json_is_read_by_the_declared_type(text: str, value: Any, expected: Any) -> None:
    """JSON has six kinds of value; the declared type says which of Python's is meant."""
    assert same(from_text(text).from_json(value), expected)


@pytest.mark.parametrize(
    ("text", "value", "message"),
    [
        ("bytes", "%", 'the value is no bytes; write it as in "aGk=" (base64)'),
        ("Decimal", 1.5, 'the value is no text; write it as in "12.50"'),
        ("date", "31.1.2026", 'the value is no date; write it as in "2026-01-31"'),
        ("timedelta", "P", 'the value is no timedelta; write it as in "P1DT2H30M"'),
        ("timedelta", "P9999999999D", 'the value is no timedelta; write it as in "P1DT2H30M"'),
        ("int", 3.0, "the value is a float, not int"),
        ("list[date]", ["2026-01-31", ""], '$[1] is no date; write it as in "2026-01-31"'),
        ("set[list[int]]", [[1]], "the value holds something that a set cannot hold"),
        ("dict[list[int], int]", {"a": 1}, "the value has the key 'a', which is a str, not an array"),
        ("dict[str, int]", [], "the value is a list, not an object"),
        ("UUID", None, "the value is None, not UUID"),
    ],
)
def test_json_that_does_not_fit_is_refused_by_its_path(text: str, value: Any, message: str) -> None:
    """The value itself is never repeated: it may be long, or secret."""
    with pytest.raises(ValueRejected) as refused:
        from_text(text).from_json(value)

    assert str(refused.value) == message


def test_a_record_in_json_that_does_not_fit_is_refused_by_its_path() -> None:
    """As other values are."""
    for kind, value, message in (
        (Point, 3, "the value is an int, not an object"),
        (Point, {"x": "1"}, "$.x is a str, not float"),
        (Order, [], "the value is a list, not an object"),
        (Tree, {"name": "a", "children": [{}]}, "$.children[0] lacks name of Tree"),
    ):
        with pytest.raises(ValueRejected) as refused:
            typed(kind).from_json(value)
        assert str(refused.value) == message


class Name(str):
    """A subclass of a type that can cross."""

    __slots__ = ()


class Level(enum.IntEnum):
    """A number that is a member of an enum."""

    LOW = 1


def test_a_subclass_crosses_as_its_base() -> None:
    """A guest has no classes of the host."""
    assert same(typed(str).lower(Name("a")), "a")
    assert same(typed(int).lower(Level.LOW), 1)
    assert same(typed(float).lower(type("Ratio", (float,), {})(0.5)), 0.5)
    assert same(typed(Literal[Level.LOW]).lower(Level.LOW), "LOW")
    assert typed(Literal[Level.LOW]).check("LOW") is Level.LOW


def test_two_keys_that_become_one_are_refused() -> None:
    """One of the two values would be lost."""
    with pytest.raises(ValueRejected, match=r"^the value has two keys that become one$"):
        from_text("dict[int, str]").from_json({"1": "a", "01": "b"})


def test_types_that_cannot_be_understood_are_refused() -> None:
    """With the reason."""
    with pytest.raises(TypeError, match=r"^Sandboxed task input 'n': Unresolved has an annotation that cannot be"):
        typed(Unresolved)
    with pytest.raises(TypeError, match=r"unsupported type Callback: one of its values is a type, which cannot cross"):
        typed(Callback)


def test_schemas_say_what_json_is_taken() -> None:
    """The schema of a function's parameters is made of these."""
    assert typed(dict[str, list[int] | None]).schema() == {
        "type": "object",
        "additionalProperties": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]},
    }
    assert typed(tuple[int, str]).schema() == {
        "type": "array",
        "prefixItems": [{"type": "integer"}, {"type": "string"}],
        "minItems": 2,
        "maxItems": 2,
    }
    assert typed(frozenset[str] | tuple[()]).schema() == {
        "anyOf": [
            {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            {"type": "array", "minItems": 0, "maxItems": 0},
        ]
    }
    assert typed(Literal["a", 1]).schema() == {"enum": ["a", 1]}
    assert typed(Any).schema() == {}
    assert typed(Order).schema()["properties"]["sku"] == {"title": "Sku", "type": "string"}
    assert typed(Colour).schema() == {"type": "string", "enum": ["RED", "GREEN"]}
    assert typed(Tree).schema() == {
        "type": "object",
        "title": "Tree",
        "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"type": "object"}}},
        "required": ["name"],
        "additionalProperties": False,
    }
