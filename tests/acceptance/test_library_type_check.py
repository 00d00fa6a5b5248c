"""`type_check` of templates: what certainly fails is refused where the template is made."""

import pytest

from sandbox import SandboxedConfig, SourceRejected, orchestrate_local, orchestrator_from_str
from sandbox.turns import Frame, Violation

UNCHECKED = SandboxedConfig(type_check=False)
SOURCE = """
    total = add(x, 1)
    names = add("a", 2)
    total.upper()
"""


def add(a: int, b: int) -> int:
    """Stands for a function of the operator's."""
    return a + b


def test_a_source_that_cannot_work_with_its_types_is_refused_when_the_template_is_made() -> None:
    """Lines and columns are those of the text as it was sent."""
    with pytest.raises(SourceRejected) as refused:
        orchestrator_from_str(SOURCE, inputs={"x": int}, tasks=[add])

    error = refused.value
    argument = 'Argument to function `add` is incorrect: Expected `int`, found `Literal["a"]`'
    attribute = "Object of type `int` has no attribute `upper`"
    assert (error.kind, error.line, error.source) == ("type", 3, 'names = add("a", 2)')
    assert error.message == f"line 3: {argument}; line 4: {attribute}"
    assert error.hint == "signature: add(a: int, b: int) -> int"
    assert error.frames == (
        Frame(line=3, column=17, function="<module>", source='names = add("a", 2)'),
        Frame(line=4, column=5, function="<module>", source="total.upper()"),
    )
    assert error.violations == (
        Violation(
            line=3,
            column=17,
            code="invalid-argument-type",
            message=argument,
            hint="signature: add(a: int, b: int) -> int",
        ),
        Violation(line=4, column=5, code="missing-attribute", message=attribute, hint=""),
    )


def test_a_value_of_another_type_than_declared_is_refused() -> None:
    """Without a declared output nothing is said of it before it is there."""
    with pytest.raises(SourceRejected, match=r"the value of the program is `str`, and its output is declared as `int`"):
        orchestrator_from_str("str(x)", inputs={"x": int}, output=int)

    assert orchestrator_from_str("str(x)", inputs={"x": int}, output=str)(x=1) == "1"


def test_a_name_that_nobody_gives_is_refused() -> None:
    """It would end the run with a NameError, after whatever was called before."""
    with pytest.raises(SourceRejected, match=r"did you mean \"add\"\?"):
        orchestrator_from_str("ad(x, 1)", inputs={"x": int}, output=int, tasks=[add])


def test_types_are_not_checked_where_that_was_switched_off() -> None:
    """For who knows better than the checker."""
    template = orchestrator_from_str("x.upper()", inputs={"x": int}, plugin_config=UNCHECKED)

    with pytest.raises(AttributeError, match="'int' object has no attribute 'upper'"):
        template(x=1)


async def test_a_single_run_is_not_checked_before() -> None:
    """It says itself what is wrong, and in less time."""
    with pytest.raises(TypeError, match=r"^TypeError: add\(\) missing a required argument: 'b'\n"):
        await orchestrate_local("add('a')", inputs={}, tasks=[add])
