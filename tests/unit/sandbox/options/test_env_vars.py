"""Environment variables are checked where they are given, and no message tells what one holds."""

from typing import Any

import pytest

from sandbox.options import MAX_ENV_VARS_BYTES, env_vars

HELD = "s3cret"


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ([("A", "1")], TypeError, "env_vars must be a dictionary from text to text, not list"),
        ({1: HELD}, TypeError, "env_vars must be a dictionary from text to text; the name of a int is no text"),
        ({"A": b"s3cret"}, TypeError, "env_vars must be a dictionary from text to text; the value of 'A' is no text"),
        (
            {"": HELD},
            ValueError,
            "env_vars has the name '': a name is not empty and holds no \"=\", NUL or lone surrogate",
        ),
        (
            {"A=B": HELD},
            ValueError,
            "env_vars has the name 'A=B': a name is not empty and holds no \"=\", NUL or lone surrogate",
        ),
        (
            {"A\0": HELD},
            ValueError,
            "env_vars has the name 'A\\x00': a name is not empty and holds no \"=\", NUL or lone surrogate",
        ),
        (
            {"A": HELD + "\0"},
            ValueError,
            "env_vars['A'] holds NUL or a lone surrogate, which no environment variable can",
        ),
        (
            {"A": HELD + "\ud800"},
            ValueError,
            "env_vars['A'] holds NUL or a lone surrogate, which no environment variable can",
        ),
        (
            {"A": HELD * MAX_ENV_VARS_BYTES},
            ValueError,
            "env_vars must take at most 32,768 bytes together: pass what is larger as an input",
        ),
    ],
)
def test_what_no_environment_can_hold_is_refused(given: Any, kind: type[Exception], message: str) -> None:
    """Before a program starts with less than was asked; the message names the variable and keeps its value."""
    with pytest.raises(kind) as raised:
        env_vars(given)

    assert str(raised.value) == message


def test_the_bound_counts_names_and_values_as_they_are_stored() -> None:
    """In UTF-8; exactly the bound is allowed."""
    fits = {"A": "\u00e4" * ((MAX_ENV_VARS_BYTES - 1) // 2)}

    assert env_vars(fits) == fits
    with pytest.raises(ValueError, match="at most 32,768 bytes"):
        env_vars({**fits, "B": ""} | {"C": "1"})


def test_the_result_is_a_copy_in_the_order_of_the_names() -> None:
    """So that what happens to the caller's dictionary later changes no template."""
    given = {"B": "2", "A": "1"}

    made = env_vars(given)
    given.clear()

    assert list(made.items()) == [("A", "1"), ("B", "2")]
