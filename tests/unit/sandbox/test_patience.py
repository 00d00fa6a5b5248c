"""How often it is worth waiting."""

from sandbox.patience import Patience


def tries(patience: Patience, chances: int, *, came: bool) -> str:
    """Return for each of some chances whether it was waited for."""
    told = ""
    for _ in range(chances):
        waits = patience.is_left()
        told += "w" if waits else "."
        if waits:
            patience.learn(came=came)
    return told


def test_what_comes_is_waited_for_every_time() -> None:
    """Nothing is lost by waiting for it."""
    assert tries(Patience(), 5, came=True) == "wwwww"


def test_what_does_not_come_is_waited_for_ever_less_often() -> None:
    """A program whose calls take long costs next to nothing."""
    patience = Patience()

    assert tries(patience, 15, came=False) == "w.w..w....w...."
    assert tries(patience, 1_000, came=False).count("w") == 17


def test_one_that_comes_is_enough_to_begin_anew() -> None:
    """What was busy for a while may be quick again."""
    patience = Patience()
    tries(patience, 15, came=False)

    assert tries(patience, 10, came=True) == "....wwwwww"
    assert tries(patience, 3, came=False) == "w.w"
