"""Same program, inputs, seed and turns: same calls, value, output and fuel."""

from tests.play import Play

CHANCE = """
import random, uuid, secrets, time, datetime
print(hash("abc"), id(object()) > 0)
{
    "set": list({"a", "b", "c", "d"}), "random": random.random(), "uuid": str(uuid.uuid4()),
    "token": secrets.token_hex(8), "time": time.time(), "now": datetime.datetime.now().isoformat(),
    "id": id([]), "object": hash(object()), "call": f(1),
}
"""


async def test_two_executions_agree_to_the_bit(play: Play) -> None:
    """Replay stands on this."""
    first, second = await play(CHANCE, sync=["f"]), await play(CHANCE, sync=["f"])

    assert first.turns == [
        # Processor time is measured, all else is the same.
        turn.__class__(**{name: getattr(turn, name) for name in turn.__dataclass_fields__ if name != "spent"},
                       spent=first_turn.spent)
        for turn, first_turn in zip(second.turns, first.turns, strict=True)
    ]  # fmt: skip
    assert [turn.spent.fuel for turn in first.turns] == [turn.spent.fuel for turn in second.turns]


async def test_another_seed_gives_other_chances(play: Play) -> None:
    """The seed is all the chance that there is."""
    first, second = (
        await play("import random, uuid\n[random.random(), str(uuid.uuid4())]"),
        await play("import random, uuid\n[random.random(), str(uuid.uuid4())]", seed=8),
    )

    assert first.value[0] != second.value[0]
    assert first.value[1] != second.value[1]


async def test_the_clock_is_that_of_the_turn(play: Play) -> None:
    """The guest's time is what the host hands it, and sleeping is a turn."""
    played = await play(
        "import time\nbefore = time.time()\ntime.sleep(90)\n[round(before), round(time.time() - before)]"
    )

    assert played.value == [1_700_000_000, 90]
