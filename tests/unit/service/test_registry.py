"""Names on the whitelist: each stands for one function and for nothing else."""

import pytest

from sandbox.dispatch import HostFunction
from service.errors import FunctionNotFound
from service.functions.registry import Registry, refusal_of_name
from service.operator_errors import FunctionAlreadyRegistered, FunctionNameTaken


def add(x: int, y: int) -> int:
    """Return the sum."""
    return x + y


def named(name: str) -> HostFunction:
    """A function under another name."""
    return HostFunction.of(add, name=name)


def test_functions_keep_their_order() -> None:
    """The operator's order is the order in stubs and prompts."""
    assert list(Registry([named("b"), named("a")])) == ["b", "a"]


def test_a_duplicate_is_refused() -> None:
    """The second would silently replace the first."""
    with pytest.raises(FunctionAlreadyRegistered, match="two functions are named 'a'; rename one of them"):
        Registry([named("a"), named("a")])


def test_a_name_of_the_language_is_refused() -> None:
    """A program that prints would call the operator's function."""
    with pytest.raises(FunctionNameTaken, match="a function cannot be named 'print': it would hide the builtin"):
        Registry([named("print")])


def test_what_is_not_registered_is_named_with_what_is() -> None:
    """The way out stands in the message."""
    with pytest.raises(FunctionNotFound) as caught:
        Registry([named("b"), named("a")]).find("c")

    assert str(caught.value) == "no function of this name is registered; registered: a, b"


def test_advice_names_the_nearest() -> None:
    """Most wrong names are misspelled ones."""
    registry = Registry([named("find_customer")])

    assert registry.advice("find_costumer") == 'did you mean "find_customer"? registered: find_customer'
    assert registry.advice("x" * 10_000) == "registered: find_customer"


@pytest.mark.parametrize(
    ("name", "refused"),
    [("x", False), ("_x", False), ("été", False), ("match", False), ("1x", True), ("a.b", True), ("", True),
     ("class", True), ("None", True), ("print", True), ("getattr", True), ("open", True), ("FunctionError", True),
     ("__builtins__", True), ("__x", True), ("ﬁ", True), ("$getattr", True)],
)  # fmt: skip
def test_names_that_a_program_could_not_use_are_refused(name: str, refused: bool) -> None:  # noqa: FBT001 - a parameter
    """Python reads a compatibility character as another one, so such a name could never be found."""
    assert (refusal_of_name(name) is not None) is refused
