"""Client functions: what their JSON schemas make of them, and what cannot be declared."""

import time
from typing import Any

import pytest

from sandbox.terms import OnTimeout
from service.functions.client import ClientFunction, Undeclarable, host_function

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


def test_many_parameters_take_time_in_line_with_their_number() -> None:
    """A submission may declare a hundred functions of a thousand each."""
    properties: dict[str, Any] = {f"p{number}": {} for number in range(1_000)}
    declared = ClientFunction(name="ask", parameters={"properties": properties})
    begin = time.process_time()
    for _ in range(100):
        host_function(declared)

    assert time.process_time() - begin < 2.5
