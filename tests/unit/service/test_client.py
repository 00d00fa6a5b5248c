"""Client functions: what their JSON schemas make of them, and what cannot be declared."""

from typing import Any

import pytest

from sandbox.terms import OnTimeout
from service.functions.client import ClientFunction, Undeclarable, host_function, steps_of_submission

SCHEMA = {
    "type": "object",
    "properties": {"to": {"type": "string"}, "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}}, "at": {}},
    "required": ["to", "at"],
    "$defs": {"line": {"type": "integer"}},
}


def test_the_properties_are_the_parameters_in_their_order() -> None:
    """What must be given after what need not be is given by name, as in Python."""
    function = host_function(ClientFunction(name="send", parameters=SCHEMA, returns={"type": "boolean"}))

    assert function.header() == "send(to: str, lines: list[int] | None = None, *, at: Any) -> bool"
    assert function.bind(("ada",), {"at": 1}) == {"to": "ada", "at": 1}
    assert (function.kind, function.is_async, function.effect) == ("client", True, "write")


def test_a_schema_that_is_a_reference_is_the_one_that_it_refers_to() -> None:
    """So libraries write a model that contains itself; taken as it stands it had no parameters."""
    letter = {name: part for name, part in SCHEMA.items() if name != "$defs"}
    schema = {"$ref": "#/$defs/letter", "$defs": {"letter": letter, "line": {"type": "integer"}}}

    function = host_function(ClientFunction(name="send", parameters=schema))

    assert function.header() == "send(to: str, lines: list[int] | None = None, *, at: Any) -> Any"


def test_without_a_schema_anything_can_be_passed() -> None:
    """A caller that only wants to be asked need not describe how."""
    function = host_function(ClientFunction(name="ask", is_async=False))

    assert function.bind((1,), {"b": 2}) == {"args": [1], "kwargs": {"b": 2}}
    assert not function.is_async


def test_a_default_answer_fits_what_is_returned() -> None:
    """The program was promised it."""
    declared = ClientFunction(name="ask", returns={"type": "integer"}, on_timeout={"output": 3})

    assert host_function(declared).terms.on_timeout == OnTimeout(action="default", value=3)


@pytest.mark.parametrize(
    ("declared", "where", "reason"),
    [
        ({"name": "len"}, "name", "cannot be the name of a function: it would hide the builtin"),
        ({"parameters": {"type": "array"}}, "parameters", "must be the schema of an object"),
        ({"parameters": {"properties": {"a b": {}}}}, "parameters", "has a property 'a b' that cannot be the name"),
        (
            {"parameters": {"properties": {"class": {}}}},
            "parameters",
            "has a property 'class' that cannot be the name",
        ),
        (
            {"parameters": {"properties": {"\ufb01": {}}}},
            "parameters",
            "has a property '\ufb01' that cannot be the name",
        ),
        ({"parameters": {"$ref": "#/$defs/a", "$defs": {"a": 7}}}, "parameters", "a reference leads to no schema"),
        (
            {"parameters": {"properties": {f"p{number}": {} for number in range(1_001)}}},
            "parameters",
            "has more than 1,000 properties; let one of them be an object",
        ),
        ({"returns": {"$ref": "http://other.example"}}, "returns", "a reference leads out of the document"),
        ({"on_timeout": "wait"}, "on_timeout", 'must be "fail", "raise" or {"output": value}'),
        ({"returns": {"type": "integer"}, "on_timeout": {"output": "x"}}, "on_timeout", "has an output that `returns`"),
    ],
)
def test_what_cannot_be_declared_is_named(declared: dict[str, Any], where: str, reason: str) -> None:
    """By the member that holds it."""
    with pytest.raises(Undeclarable) as refused:
        host_function(ClientFunction(**{"name": "ask", **declared}))

    assert refused.value.where == where
    assert str(refused.value).startswith(reason)


TOO_MANY = (
    "has too many schemas: more than 20,000 are to be read, each as often as it is referred to, those of all client "
    "functions together; declare fewer properties, or objects without `properties`"
)


def objects_of_many_types(depth: int) -> dict[str, Any]:
    """Return a schema whose members are read once for each of the types that it has."""
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(depth):
        schema = {"type": ["object"] * 20, "properties": {"a": schema}}
    return {"properties": {"a": schema}}


def objects_of_two_parts(depth: int) -> dict[str, Any]:
    """Return a schema each of whose objects is put together of the next one, twice."""
    named: dict[str, Any] = {f"a{depth}": {}}
    for level in range(depth):
        whole = {"allOf": [{"$ref": f"#/$defs/a{level + 1}"}, {"properties": {"q": {}}}]}
        named[f"a{level}"] = {"properties": {"x": whole, "y": whole}}
    return {"$defs": named, "properties": {"a": {"$ref": "#/$defs/a0"}}}


@pytest.mark.parametrize("schema", [objects_of_many_types(30), objects_of_two_parts(35)], ids=["types", "allOf"])
def test_a_small_schema_that_takes_for_ever_to_read_is_refused(schema: dict[str, Any]) -> None:
    """It would hold a thread, and the processor, of a service that has nothing but a kilobyte from its caller."""
    with pytest.raises(Undeclarable) as refused:
        host_function(ClientFunction(name="ask", parameters=schema))

    assert (refused.value.where, str(refused.value)) == ("parameters", TOO_MANY)


def test_long_types_and_schemas_that_are_copied_count_for_more() -> None:
    """By a reference of a few bytes, each property gets a text of thousands of characters, and a copy of the schema."""
    named = {"long": {"enum": [f"{number:0300}" for number in range(50)]}}
    properties = {f"p{number}": {"$ref": "#/$defs/long"} for number in range(1_000)}

    with pytest.raises(Undeclarable, match="has too many schemas"):
        host_function(ClientFunction(name="ask", parameters={"$defs": named, "properties": properties}))


def test_the_functions_of_a_submission_share_what_reading_may_cost() -> None:
    """A hundred functions of a thousand properties each took seconds before anybody asked whether there was a place."""
    steps = steps_of_submission()
    declared = ClientFunction(name="ask", parameters={"properties": {f"p{number}": {} for number in range(1_000)}})

    for _ in range(20):
        host_function(declared, steps)
    with pytest.raises(Undeclarable) as refused:
        host_function(declared, steps)

    assert str(refused.value) == TOO_MANY


def test_a_reference_that_is_no_text_is_named() -> None:
    """It cannot even be looked up."""
    with pytest.raises(Undeclarable) as refused:
        host_function(ClientFunction(name="ask", returns={"$ref": ["#"]}))

    assert str(refused.value) == "a reference leads out of the document, and those are not followed"
