"""Hints that depend on which functions there are."""

import pytest

from sandbox.turns import ErrorReport
from service.images import no_images
from service.runs.hints import with_hint

UNKNOWN = ErrorReport(kind="runtime", type="NameError", message="name 'add' is not defined", hint="did you mean all?")


def test_a_registered_function_that_was_not_asked_for_is_told() -> None:
    """The commonest mistake in a submission, and nothing in the program is wrong."""
    error = with_hint(UNKNOWN, registered={"add"}, allowed=(), images=no_images())

    assert error is not None
    assert error.hint == (
        '"add" is registered, but the submission does not name it: submit it with "add" in `functions`'
    )
    assert (error.type, error.message) == (UNKNOWN.type, UNKNOWN.message)


@pytest.mark.parametrize(
    ("error", "registered", "allowed"),
    [
        (None, {"add"}, ()),
        (UNKNOWN, {"other"}, ()),
        (UNKNOWN, {"add"}, {"add"}),
        (ErrorReport(kind="runtime", type="ValueError", message=UNKNOWN.message), {"add"}, ()),
    ],
)
def test_every_other_error_stays_as_it_is(error: ErrorReport | None, registered: set[str], allowed: set[str]) -> None:
    """A hint that is wrong costs more than none."""
    assert with_hint(error, registered=registered, allowed=allowed, images=no_images()) is error
