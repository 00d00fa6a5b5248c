"""What tenants may."""

import pytest

from sandbox.limits import Limits
from service.errors import ScopeMissing
from service.operator_errors import RightsInvalid
from service.rights import OPERATOR, Caller, Rights, RunRate, lower_of


def test_rights_come_back_as_they_were_stored() -> None:
    """The database has them as one text."""
    rights = Rights(
        functions=frozenset({"b", "a"}), ceiling={"calls": 5, "wall_seconds": 1.5}, share=3, max_running=4,
        max_queued=0, rate=RunRate(runs=10, per_seconds=60), max_kept_bytes=10**9, max_waiting_runs=0,
    )  # fmt: skip

    assert rights.text() == (
        '{"functions": ["a", "b"], "ceiling": {"calls": 5, "wall_seconds": 1.5}, "share": 3, "max_running": 4, '
        '"max_queued": 0, "rate": {"runs": 10, "per_seconds": 60}, "max_kept_bytes": 1000000000, '
        '"max_waiting_runs": 0}'
    )
    assert Rights.of_text(rights.text()) == rights
    assert Rights.of_text(Rights().text()) == Rights()
    assert Rights.of_text(Rights(functions=frozenset()).text()) == Rights(functions=frozenset())


def test_rights_of_a_later_release_are_read_as_far_as_they_are_known() -> None:
    """Replicas of two releases work on one database while one takes the other's place."""
    assert Rights.of_text('{"share": 2, "colour": "red"}') == Rights(share=2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ceiling": {"fule": 1}}, "there is no limit 'fule'; limits: fuel, cpu_seconds, wall_seconds, memory_bytes, "
         "output_bytes, value_bytes, source_bytes, calls, concurrent_calls"),
        ({"ceiling": {"calls": -1}}, "limit 'calls' must be a whole number from 0 to 1,000,000, not -1"),
        ({"ceiling": {"calls": "many"}}, "limit 'calls' must be a whole number from 0 to 1,000,000, not 'many'"),
        ({"share": 0}, "share must be from 1 to 1,000"),
        ({"max_running": 0}, "max_running must be from 1 to 1,000,000"),
        ({"max_queued": -1}, "max_queued must be from 0 to 1,000,000"),
        ({"max_kept_bytes": -1}, "max_kept_bytes must be from 0 to 1,152,921,504,606,846,976"),
        ({"max_waiting_runs": -1}, "max_waiting_runs must be from 0 to 1,000,000,000"),
        ({"rate": RunRate(runs=0, per_seconds=1)}, "rate: runs must be from 1 to 1,000,000"),
        ({"rate": RunRate(runs=1, per_seconds=float("nan"))}, "rate: per_seconds must be from 0.001 to 86,400"),
    ],
)  # fmt: skip
def test_rights_that_cannot_be_are_refused_by_name(given: dict[str, object], message: str) -> None:
    """An operator reads one line and knows what to write instead."""
    with pytest.raises(RightsInvalid) as refused:
        Rights(**given)  # type: ignore[arg-type]  # that is what is tested

    assert str(refused.value) == message


def test_a_ceiling_lowers_and_never_raises() -> None:
    """A tenant's ceiling stands under the service's own."""
    assert lower_of(Limits(calls=10), {"calls": 5, "wall_seconds": 10_000}) == Limits(calls=5)
    assert lower_of(Limits(), {}) == Limits()


def test_a_scope_that_is_missing_is_named() -> None:
    """Whoever asks knows which key it takes."""
    OPERATOR.require("approve")
    with pytest.raises(ScopeMissing) as refused:
        Caller(tenant="default", rights=Rights(), key_id="ik_a", scopes=frozenset()).require("approve")

    assert str(refused.value) == (
        'this takes a key with the scope "approve"; `isthmus keys create --tenant <name> --scope approve` makes one'
    )
    assert str(ScopeMissing("run", "approve")) == (
        'this takes a key with the scope "run" or "approve"; '
        "`isthmus keys create --tenant <name> --scope run` makes one"
    )
