"""The standard schema of a type and its values: what a type writes as JSON, its schema describes."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import ValueRejected
from sandbox.json_values import to_json
from sandbox.types import from_annotation
from tests.typed_values import Typed, same, typed_values

# Whatever a body may hold.
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _with_text_keys(value: Any) -> Any:
    """A value with the keys that JSON has."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else repr(key): _with_text_keys(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_text_keys(item) for item in value]
    return value


def fits(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value fits a schema, as far as our schemas go."""
    kind = schema.get("type")
    if isinstance(kind, str) and not _TYPES[kind](value):
        return False
    return all(_RULES[word](expected, value, schema) for word, expected in schema.items() if word in _RULES)


def _items(expected: dict[str, Any], value: Any, schema: dict[str, Any]) -> bool:
    return "prefixItems" in schema or not isinstance(value, list) or all(fits(expected, item) for item in value)


def _properties(expected: dict[str, Any], value: Any, _schema: dict[str, Any]) -> bool:
    return all(fits(expected[name], item) for name, item in value.items() if name in expected)


def _additional(expected: Any, value: Any, schema: dict[str, Any]) -> bool:
    others = [item for name, item in value.items() if name not in schema.get("properties", {})]
    return not others if expected is False else all(fits(expected, item) for item in others)


_RULES: dict[str, Callable[[Any, Any, dict[str, Any]], bool]] = {
    "enum": lambda expected, value, _: any(type(one) is type(value) and one == value for one in expected),
    "anyOf": lambda expected, value, _: any(fits(one, value) for one in expected),
    "items": _items,
    "prefixItems": lambda expected, value, _: all(map(fits, expected, value)),
    "minItems": lambda expected, value, _: len(value) >= expected,
    "maxItems": lambda expected, value, _: len(value) <= expected,
    "required": lambda expected, value, _: set(expected) <= value.keys(),
    "properties": _properties,
    "additionalProperties": _additional,
}


def _is_json(one: Typed) -> bool:
    """Whether JSON can write a value: it has no infinity."""
    try:
        _written(one)
    except ValueRejected:
        return False
    return True


def _written(one: Typed) -> Any:
    return to_json(_with_text_keys(one.value))


_JSON_TYPED = typed_values.filter(_is_json)


@given(_JSON_TYPED)
def test_what_a_type_writes_fits_its_schema(one: Typed) -> None:
    """A form that is made from the schema can hold every value."""
    kind = from_annotation(one.annotation, where="x")

    assert fits(kind.schema(), _written(one))


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(int, "1"), (list[int], [1, "a"]), (tuple[int, str], [1]), (dict[str, int], {"a": None}), (int | None, 1.5)],
)
def test_what_a_type_refuses_does_not_fit_its_schema(annotation: Any, value: Any) -> None:
    """The check above can fail."""
    kind = from_annotation(annotation, where="x")

    assert not fits(kind.schema(), value)
    with pytest.raises(Exception, match=r"is|has"):
        kind.from_json(value)


@settings(max_examples=400)
@given(typed_values, _JSON | _JSON_TYPED.map(_written))
def test_what_a_schema_refuses_its_type_refuses(one: Typed, value: Any) -> None:
    """Whoever checks a body by the schema is not told later that it would have been taken."""
    kind = from_annotation(one.annotation, where="x")
    try:
        kind.from_json(value)
    except ValueRejected:
        return

    assert fits(kind.schema(), value)


@given(typed_values)
def test_the_form_that_crosses_is_the_same_value(one: Typed) -> None:
    """Checked twice, a value is what it was."""
    kind = from_annotation(one.annotation, where="x")

    assert same(kind.check(kind.lower(one.value)), one.value)
