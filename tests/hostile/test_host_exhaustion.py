"""Values that cost a guest nothing and would cost the host minutes or gigabytes."""

import pytest

from tests.play import Play

# Numbers that differ in the guest's 32-bit hash and share the host's 64-bit one.
COLLIDING = [
    "{n * (2 ** 61 - 1) for n in range(50_000)}",
    "frozenset(n * (2 ** 61 - 1) for n in range(50_000))",
    "{n * (2 ** 61 - 1): 0 for n in range(50_000)}",
]


@pytest.mark.parametrize("source", COLLIDING)
async def test_colliding_numbers_are_refused(play: Play, source: str) -> None:
    """A set of them takes the host a time that grows with the square of its size."""
    error = (await play(source)).error

    assert (error.kind, error.message) == (
        "type",
        "the value holds more than 64 values with the same hash; return a list",
    )


async def test_all_values_of_a_run_together_are_bounded(play: Play) -> None:
    """The host keeps them for replay until the run has ended."""
    played = await play("x = 'a' * 2_000_000\nfor _ in range(100): f(x)", sync=["f"], value_bytes=3_000_000)

    assert played.limit == "value_bytes"
    assert len(played.calls) < 20


UNREADABLE = {
    "{10 ** 5000: object()}": (
        "type",
        "ValueRejected",
        "the value cannot be returned: $[an int of 16610 bits] is an object, which cannot cross; pass numbers, text, "
        "lists and dictionaries made of its parts",
    ),
    "class E(Exception):\n    def __str__(self): raise KeyboardInterrupt\nraise E": (
        "runtime",
        "Exception",
        "the exception cannot be read: reading it raised another one",
    ),
    "class E(Exception):\n    @property\n    def hint(self): raise KeyboardInterrupt\nraise E": ("runtime", "E", ""),
    "class E(Exception):\n    def __dir__(self): raise KeyboardInterrupt\nE().nothing": (
        "runtime",
        "AttributeError",
        "'E' object has no attribute 'nothing'",
    ),
}


@pytest.mark.parametrize("source", UNREADABLE)
async def test_a_program_that_cannot_be_reported_is_told_so(play: Play, source: str) -> None:
    """The interpreter survives what an exception does while it is read, whatever the policy lets through."""
    error = (await play(source, guarded=False)).error

    assert (error.kind, error.type, error.message) == UNREADABLE[source]
