"""Values made to be expensive: each is taken or refused in about as many steps as it has parts."""

import dataclasses
import sys
from collections.abc import Callable
from typing import Any

import pydantic
import pytest

from sandbox.errors import ValueRejected
from sandbox.json_values import to_json
from sandbox.types import from_annotation, from_text

# Multiples of it all have the hash 0.
ALIKE = 2**61 - 1


@dataclasses.dataclass
class Sum:
    """A formula."""

    left: "Sum | Product | int | str"
    right: int = 0


@dataclasses.dataclass
class Product:
    """The same fields."""

    left: "Sum | Product | int | str"
    right: int = 0


class Tags(pydantic.BaseModel):
    """A model that makes sets and dictionaries of what JSON writes."""

    numbers: set[int] = set()
    names: dict[int, int] = {}
    flat: list[int] = []


def steps_of(work: Callable[[], Any]) -> int:
    """Count the calls of Python functions; gives up when there are far too many."""
    steps = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal steps
        steps += event == "call"
        if steps > 300_000:
            raise TimeoutError

    previous = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    except ValueRejected:
        pass
    finally:
        sys.setprofile(previous)
    return steps


def nested_union(depth: int, innermost: Any) -> tuple[str, Any]:
    """Return the text of a union in a union, and a value as deep."""
    text, value = "int", innermost
    for _ in range(depth):
        text, value = f"int|list[{text}]", [value]
    return text, value


@pytest.mark.parametrize("innermost", ["s", 1])
def test_a_union_in_a_union_asks_each_member_once(innermost: Any) -> None:
    """What is asked twice on every level is asked a million times on the twentieth."""
    text, value = nested_union(19, innermost)
    kind = from_text(text)

    assert steps_of(lambda: kind.from_json(value)) < 2_000
    assert steps_of(lambda: kind.check(value)) < 2_000
    assert steps_of(lambda: kind.lower(value)) < 2_000


def test_the_reason_that_goes_deepest_is_told() -> None:
    """It is about the member that was meant."""
    text, value = nested_union(19, "s")

    with pytest.raises(ValueRejected) as refused:
        from_text(text).from_json(value)

    assert str(refused.value) == "$" + "[0]" * 19 + " is a str, not int"


@pytest.mark.parametrize("innermost", [1, None])
def test_records_that_fit_each_other_are_built_once_for_each_value(innermost: Any) -> None:
    """Both kinds of formula take any dictionary of the other, and so does whatever is below."""
    kind = from_annotation(Sum | Product, where="n")
    crossed: Any = {"left": innermost}
    for _ in range(30):
        crossed = {"left": crossed}

    assert steps_of(lambda: kind.check(crossed)) < 20_000
    assert steps_of(lambda: kind.lower(crossed)) < 20_000
    assert steps_of(lambda: kind.from_json(crossed)) < 20_000


def test_records_of_a_union_are_told_apart_still() -> None:
    """Remembering what became of a value must not mix up forms or types."""
    kind = from_annotation(list[Sum | Product], where="n")
    formulas = [Product(Sum(1, 2)), Sum(Product("a"))]
    crossed = [{"left": {"left": 1, "right": 2}, "right": 0}, {"left": {"left": "a", "right": 0}, "right": 0}]

    assert kind.lower(formulas) == crossed
    assert kind.check(formulas) == formulas
    assert kind.check(crossed) == kind.from_json(crossed) == [Sum(Sum(1, 2)), Sum(Sum("a"))]


def test_a_member_that_stands_there_twice_is_asked_once() -> None:
    """A text has room for eighty of them, and a list for a million values."""
    assert from_text("int|" * 60 + "str").text == "int | str"
    assert from_text("int | int").text == "int"


def test_a_type_is_written_once() -> None:
    """And not again for each value that it refuses."""
    kind = from_text("list[" + "list[" * 15 + "dict[str, int]" + "]" * 15 + " | int]")

    assert steps_of(lambda: kind.from_json([1] * 1_000)) < 10_000
    assert steps_of(lambda: from_text("list[str | list[list[list[int]]]]").from_json([1] * 1_000)) < 1_000


@pytest.mark.parametrize("text", ["set[int]", "frozenset[int]", "set[float|int]", "list[set[Decimal]]"])
def test_json_that_makes_a_set_quadratic_is_refused(text: str) -> None:
    """Numbers that differ and hash alike are compared with each other, all of them."""
    numbers: Any = [k * ALIKE for k in range(1_000)]

    with pytest.raises(ValueRejected, match=r"^(the value|\$\[0\]) .*hash"):
        from_text(text).from_json([numbers] if text.startswith("list") else numbers)


def test_json_that_makes_a_dictionary_quadratic_is_refused() -> None:
    """Names of a JSON object are text, and become numbers here."""
    numbers = {k * ALIKE: 1 for k in range(1_000)}

    with pytest.raises(ValueRejected, match=r"^the value .*hash"):
        from_text("dict[int, int]").from_json({str(key): 1 for key in numbers})
    with pytest.raises(ValueRejected, match=r"^the value .*hash"):
        from_text("dict[int, int]").check(numbers)


@pytest.mark.parametrize(
    "value",
    [
        {"numbers": [k * ALIKE for k in range(1_000)]},
        {"numbers": [str(k * ALIKE) for k in range(1_000)]},
        {"names": {str(k * ALIKE): k for k in range(1_000)}},
    ],
)
def test_a_model_is_not_made_to_build_what_is_quadratic(value: Any) -> None:
    """It builds its sets and dictionaries itself, out of lists and texts."""
    kind = from_annotation(Tags, where="n")

    with pytest.raises(ValueRejected, match="hash"):
        kind.from_json(value)
    with pytest.raises(ValueRejected, match="hash"):
        kind.check(value)
    assert kind.check({"flat": [ALIKE] * 1_000}) == Tags(flat=[ALIKE] * 1_000)
    # A number that has no hash at all.
    with pytest.raises(ValueRejected, match="does not fit Tags"):
        kind.from_json({"numbers": ["-sNaN00000000000000"] * 100})


def test_equal_items_hash_alike_and_are_taken() -> None:
    """A set of a list with repetitions is what a set is for."""
    assert from_text("set[int]").from_json([7] * 1_000) == {7}
    assert from_text("set[int]").from_json([k * ALIKE for k in range(60)] * 50) == {k * ALIKE for k in range(60)}


def test_a_number_too_long_to_be_written_can_be_named() -> None:
    """Python refuses to write it, and that must not be what the caller is told."""
    with pytest.raises(ValueRejected) as refused:
        from_text("dict[str, int]").check({10**5000: 1})
    assert str(refused.value) == "the value has the key an int of 16610 bits, which is an int, not str"

    with pytest.raises(ValueRejected, match=r"^\$\[an int of 16610 bits\] is a str, not int$"):
        from_text("dict[int, int]").check({10**5000: "a"})


def test_a_record_that_refuses_a_number_too_long_to_be_written_says_so() -> None:
    """Its exception has a text that cannot be had."""

    @dataclasses.dataclass
    class Picky:
        number: int

        def __post_init__(self) -> None:
            raise KeyError(self.number)

    with pytest.raises(
        ValueRejected, match=r"^the value is refused by Picky: KeyError: \(the exception's own __str__ failed"
    ):
        from_annotation(Picky, where="n").check({"number": 10**5000})


def test_a_path_holds_the_beginning_of_a_long_name() -> None:
    """The name may be as long as the whole value."""
    name = "a" * 100_000

    with pytest.raises(ValueRejected) as refused:
        from_text("dict[str, int]").check({name: "b"})
    assert len(str(refused.value)) < 100
    with pytest.raises(ValueRejected) as unwritten:
        to_json({name: [1.5, {name: object()}]})
    assert len(str(unwritten.value)) < 200
