"""Checks a compiled program against the types of what it is given and of what it is to give."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.checker.diagnostic import Diagnostic
from sandbox.checker.document import document
from sandbox.checker.findings import judged
from sandbox.checker.process import Unchecked, find_checker, run_checker
from sandbox.dispatch import HostFunction
from sandbox.turns import Survey
from sandbox.types import ValueType


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the type checker says."""

    diagnostics: tuple[Diagnostic, ...] = ()
    unchecked: str | None = None
    """Why it says nothing: it is not there, failed, or took too long. That is no fault of the program's."""

    def errors(self) -> tuple[Diagnostic, ...]:
        """Return what certainly fails when it is reached."""
        return tuple(one for one in self.diagnostics if one.severity == "error")


def check_types(
    source: str,
    survey: Survey,
    *,
    inputs: Mapping[str, ValueType],
    functions: Mapping[str, HostFunction],
    output: ValueType,
) -> Checked:
    """Return what a type checker says of a program that the guest has compiled; blocks.

    It takes two seconds of processor time and ten on the clock at most, and waits for ten at most while as many as may
    be are checked already.

    Args:
        source: the text that the survey is of.
    """
    given = document(
        source, mode=survey.mode, value=survey.value, inputs=inputs, functions=functions.values(), output=output
    )
    try:
        found = run_checker(given.files, find_checker())
    except Unchecked as error:
        return Checked(unchecked=str(error))
    told = judged(found, given, functions=functions, output=output, source=source)
    # Names that nobody gives are told of by `names`, which knows more of them.
    free = {(place.line, place.column) for _, place in survey.free}
    kept = [one for one in told if one.code != "unresolved-reference" or (one.line, one.column) not in free]
    return Checked(diagnostics=tuple(kept))
