"""What the checker is given: the program, its value with a type, and what it is given, as further built-in names."""

from sandbox.checker.document import document
from sandbox.dispatch import HostFunction
from sandbox.turns import Mode, Place
from sandbox.types import from_text

SOURCE = "a = 1; sum(\n    [a, x]\n) # the sum"
VALUE = Place(line=1, column=8, end_line=3, end_column=2)


async def find(name: str, among: list[float] | None = None) -> dict[str, int]:
    """Stands for a function of the operator's."""
    return {name: len(among or ())}


def declared(mode: Mode) -> list[str]:
    """Return the lines with which a program of a mode is given an input and a function."""
    made = document(
        "x", mode=mode, value=None, inputs={"x": from_text("list[str]")}, functions=[HostFunction.of(find)],
        output=from_text("Any"),
    )  # fmt: skip
    return made.files["given/__builtins__.pyi"].splitlines()[-2:]


def test_the_value_is_declared_on_a_line_of_its_own_and_keeps_its_columns() -> None:
    """Findings are told in the text as it was sent."""
    made = document(SOURCE, mode="sync", value=VALUE, inputs={}, functions=[], output=from_text("int"))

    assert made.files["program.py"] == (
        "a = 1; \nvalue_of_the_program: output_of_the_program = (\n       sum(\n    [a, x]\n) # the sum\n)\n"
    )
    assert made.placed(Place(line=4, column=9, end_line=4, end_column=10)) == Place(
        line=2, column=9, end_line=2, end_column=10
    )
    assert made.placed(Place(line=1, column=1, end_line=1, end_column=2)) == Place(
        line=1, column=1, end_line=1, end_column=2
    )
    assert made.placed(Place(line=2, column=1, end_line=2, end_column=9)) == VALUE


def test_without_a_declared_output_the_program_is_left_as_it_is() -> None:
    """Any value will do."""
    made = document(SOURCE, mode="sync", value=VALUE, inputs={}, functions=[], output=from_text("Any"))

    assert made.files["program.py"] == SOURCE


def test_a_block_that_configures_a_script_is_none_for_the_checker() -> None:
    """PEP 723 would let the text say which Python, and which packages, it is to be checked against."""
    made = document("# /// script\nx", mode="sync", value=None, inputs={}, functions=[], output=from_text("Any"))

    assert made.files["program.py"] == "# //. script\nx"


def test_functions_are_declared_as_the_program_sees_them() -> None:
    """What is taken by value is taken covariantly; where a call may be either, it may be anything."""
    signature = "find(name: str, among: _list[float] | None = None)"

    assert declared("async") == ["x: list[str]", f"async def {signature} -> dict[str, int]: ..."]
    assert declared("sync") == ["x: list[str]", f"def {signature} -> dict[str, int]: ..."]
    assert declared("mixed") == ["x: list[str]", f"def {signature} -> Any: ..."]
