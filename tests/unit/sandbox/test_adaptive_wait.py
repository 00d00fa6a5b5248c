"""How often it is worth waiting."""

from sandbox.adaptive_wait import AdaptiveWait


def tries(wait: AdaptiveWait, chances: int, *, came: bool) -> str:
    """Return for each of some chances whether it was waited for."""
    told = ""
    for _ in range(chances):
        waits = wait.is_worth_it()
        told += "w" if waits else "."
        if waits:
            wait.learn(came=came)
    return told


def test_what_comes_is_waited_for_every_time() -> None:
    """Nothing is lost by waiting for it."""
    assert tries(AdaptiveWait(), 5, came=True) == "wwwww"


def test_what_does_not_come_is_waited_for_ever_less_often() -> None:
    """A program whose calls take long costs next to nothing."""
    wait = AdaptiveWait()

    assert tries(wait, 15, came=False) == "w.w..w....w...."
    assert tries(wait, 1_000, came=False).count("w") == 17


def test_one_that_comes_is_enough_to_begin_anew() -> None:
    """What was busy for a while may be quick again."""
    wait = AdaptiveWait()
    tries(wait, 15, came=False)

    assert tries(wait, 10, came=True) == "....wwwwww"
    assert tries(wait, 3, came=False) == "w.w"
