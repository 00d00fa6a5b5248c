"""What a guest says of a program: a program may have won it, so nothing is taken that does not lie within the text."""

from typing import Any

import pytest

from sandbox.engines.cpython.surveying import surveyed
from sandbox.turns import Place, Survey

SOURCE = "a = 1\nb + a"
FACTS = {"mode": "sync", "value": [2, 1, 2, 6], "names": ["a", "b"], "free": [["b", 2, 1, 2, 2]]}


def test_facts_are_taken_as_they_are() -> None:
    """In the form in which the guest's driver gives them."""
    assert surveyed(["code", FACTS], SOURCE) == (
        "code",
        Survey(
            mode="sync",
            value=Place(line=2, column=1, end_line=2, end_column=6),
            names=frozenset({"a", "b"}),
            free=(("b", Place(line=2, column=1, end_line=2, end_column=2)),),
        ),
    )


@pytest.mark.parametrize(
    "value",
    [
        "code",
        ["code"],
        ["code", None],
        [1, FACTS],
        ["code", {**FACTS, "mode": "other"}],
        ["code", {**FACTS, "names": ["a"] * 1_001}],
        ["code", {**FACTS, "free": [["b", 2, 1, 2, 2]] * 101}],
        ["code", {"mode": "sync"}],
    ],
)
def test_what_has_another_form_is_none(value: Any) -> None:
    """The program then counts as one that could not be compiled."""
    assert surveyed(value, SOURCE) is None


@pytest.mark.parametrize(
    "place",
    [None, [2, 1, 2], [0, 1, 2, 6], [2, 0, 2, 6], [2, 1, 2, 7], [2, 1, 3, 1], [2, 3, 2, 2], [2, 1, 1, 1],
     ["2", 1, 2, 6], [1, 7, 2, 1]],
)  # fmt: skip
def test_a_place_outside_of_the_text_is_none(place: Any) -> None:
    """The text is cut there."""
    found = surveyed(["code", {**FACTS, "value": place, "free": [["b", *(place or [])]]}], SOURCE)

    assert found is not None
    assert (found[1].value, found[1].free) == (None, ())


@pytest.mark.parametrize("name", [1, None, "a b", "", "a" * 101, "x = 1\n"])
def test_a_name_that_is_none_is_left_out(name: Any) -> None:
    """It would be shown to whoever asks for a check."""
    found = surveyed(["code", {**FACTS, "names": [name], "free": [[name, 2, 1, 2, 2], name]}], SOURCE)

    assert found is not None
    assert (found[1].names, found[1].free) == (frozenset(), ())
