"""Schemas as types: what a program is shown, and what values they take."""

from typing import Any

import pytest

from sandbox.errors import ValueRejected
from service.functions.openapi.steps import Steps
from service.functions.openapi.types import Types
from tests.unit.service.openapi.documents import make_document

CUSTOMER = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "friend": {"$ref": "#/components/schemas/Customer"}},
    "required": ["id"],
    "additionalProperties": False,
}


def types(**schemas: Any) -> Types:
    """The types of a document with some schemas."""
    return Types(make_document(schemas=schemas), Steps(100_000))


def refusal(kind: Any, value: Any) -> str:
    """Why a type does not take a value."""
    with pytest.raises(ValueRejected) as refused:
        kind.lower(value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string", "format": "date-time"}, "str"),
        ({"type": "integer"}, "int"),
        ({"type": "number"}, "float"),
        ({"type": "boolean"}, "bool"),
        ({"type": "null"}, "None"),
        ({"type": "array", "items": {"type": "integer"}}, "list[int]"),
        ({"type": "array"}, "list[Any]"),
        ({"type": "object"}, "dict[str, Any]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"properties": {"a": {}}}, "dict[str, Any]"),
        ({"type": "string", "nullable": True}, "str | None"),
        ({"type": ["string", "null"]}, "str | None"),
        ({"type": ["string", "null"], "nullable": True}, "str | None"),
        ({"enum": ["a", 1, None]}, "Literal['a', 1, None]"),
        ({"const": "a"}, "Literal['a']"),
        ({"enum": [1.5], "type": "number"}, "float"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "int | str"),
        ({"oneOf": [{"type": "integer"}, {}]}, "Any"),
        ({"allOf": [{"type": "integer"}]}, "int"),
        ({"allOf": [{"type": "integer"}, {"type": "string"}]}, "Any"),
        ({"type": "unheard-of"}, "Any"),
        (True, "Any"),
        ({}, "Any"),
    ],
)
def test_a_schema_is_written_as_python_writes_types(schema: Any, text: str) -> None:
    """What cannot be said as a type is `Any`; it is never refused for that."""
    assert types().of(schema).text == text


def test_objects_are_checked_member_by_member() -> None:
    """The path says where, and objects may contain each other."""
    kind = types(Customer=CUSTOMER).of({"$ref": "#/components/schemas/Customer"})

    assert kind.lower({"id": 1, "friend": {"id": 2}}) == {"id": 1, "friend": {"id": 2}}
    assert refusal(kind, {"id": 1, "friend": {"id": "2"}}) == "$.friend.id is a str, not int"
    assert refusal(kind, {"id": 1, "friend": {}}) == "$.friend lacks id"
    assert refusal(kind, {"id": 1, "age": 3}) == "$.age is no member; members: id, friend"
    assert refusal(kind, [1]) == "the value is a list, not dict[str, Any]"


def test_an_object_may_have_members_of_which_nothing_is_said() -> None:
    """As in JSON Schema; an API that grows does not break programs."""
    kind = types().of({"type": "object", "properties": {"id": {"type": "integer"}}})

    assert kind.lower({"id": 1, "new": [1]}) == {"id": 1, "new": [1]}


def test_objects_that_say_things_together_are_one() -> None:
    """Inheritance is written so."""
    kind = types(Base={"properties": {"id": {"type": "integer"}}, "required": ["id"]}).of(
        {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"name": {"type": "string"}}}]}
    )

    assert refusal(kind, {"name": "a"}) == "the value lacks id"
    assert refusal(kind, {"id": 1, "name": 2}) == "$.name is an int, not str"


def test_two_kinds_of_object_are_two() -> None:
    """Both are dictionaries to a program, and a value must be one of them."""
    kind = types().of(
        {"oneOf": [{"properties": {"a": {}}, "required": ["a"]}, {"properties": {"b": {}}, "required": ["b"]}]}
    )

    assert [kind.lower({"a": 1}), kind.lower({"b": 1})] == [{"a": 1}, {"b": 1}]
    assert refusal(kind, {"c": 1}).startswith("the value is a dict, not dict[str, Any]")


def test_a_type_from_json_is_the_type_itself() -> None:
    """JSON's values are those that programs have."""
    kind = types(Customer=CUSTOMER).described({"$ref": "#/components/schemas/Customer"})

    assert kind.from_json({"id": 1, "friend": {"id": 2}}) == {"id": 1, "friend": {"id": 2}}
    with pytest.raises(ValueRejected, match=r"^\$\.id is a str, not int$"):
        kind.from_json({"id": "1"})


def test_a_circle_without_an_object_is_any() -> None:
    """It has no beginning."""
    kind = types(List={"type": "array", "items": {"$ref": "#/components/schemas/List"}})

    assert kind.of({"$ref": "#/components/schemas/List"}).text == "list[Any]"


def test_a_document_that_doubles_at_each_step_is_shown_in_part() -> None:
    """Thirty schemas that each name the next one twice would be 2^30 when written out."""
    schemas = {
        f"S{n}": {"properties": {side: {"$ref": f"#/components/schemas/S{n + 1}"} for side in ("a", "b")}}
        for n in range(30)
    }
    kind = types(**schemas, S30={"type": "integer"}).described({"$ref": "#/components/schemas/S0"})

    assert len(str(kind.schema())) < 20_000
    assert kind.lower({"a": {"b": {}}}) == {"a": {"b": {}}}


def test_a_type_that_triples_at_each_step_is_cut_short() -> None:
    """Written out, the type of a small document would fill the memory of the machine: these steps take 11 MB."""
    steps: dict[str, Any] = {"step12": {"type": "integer"}}
    for step in range(12):
        below = {"$ref": f"#/components/schemas/step{step + 1}"}
        lists = {"type": "array", "items": below}
        tables = {"type": "object", "additionalProperties": below}
        steps[f"step{step}"] = {"anyOf": [lists, tables, {"type": "array", "items": lists}]}
    document = types(**steps)

    assert document.of({"$ref": "#/components/schemas/step11"}).text == "list[int] | dict[str, int] | list[list[int]]"
    assert len(document.of({"$ref": "#/components/schemas/step0"}).text) < 20_000


def test_a_union_in_a_union_takes_a_deep_value_in_no_time() -> None:
    """Trying each member at each level would be 2^60 attempts."""
    node = {"anyOf": [{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Two"}]}
    one, two = ({"properties": {"child": node, "leaf": {"type": "integer"}}, "required": [name]} for name in ("x", "y"))
    kind = types(One=one, Two=two).of(node)
    value: dict[str, Any] = {"x": 1, "leaf": "1"}
    for _ in range(60):
        value = {"x": 1, "y": 1, "child": value}

    assert refusal(kind, value) == "$" + ".child" * 60 + ".leaf is a str, not int"


def test_a_schema_that_is_deep_is_any_at_its_bottom() -> None:
    """A thousand levels would be a thousand frames of the host's."""
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(1_000):
        schema = {"type": "array", "items": schema}

    assert types().described(schema).text.count("list[") < 50
