"""Programs that got at the driver and speak to the engine in its place: they end, and nobody else notices.

The language policy is off here, as if it had been broken.
"""

import pytest

from sandbox.engine import Engine
from sandbox.limits import Limits
from sandbox.turns import LimitExceeded, Program, Raised, Returned
from tests.play import NOW, Play

pytestmark = pytest.mark.of_cpython

ESCAPE = """
load = __import__
turns = load("sandbox.engines.cpython.guest.turns", fromlist=["x"]).TURNS
say = turns._exchange
note = load("sandbox.engines.cpython.guest.notes", fromlist=["x"]).NOTES._note
"""
ONE_CALL = '[[1,"f",1]]'


def forge(calls: str = "[]", waiting: str = "[]", cancelled: str = "[]", arguments: str | None = None) -> str:
    """Return a program that says what a blocked guest would say."""
    head = f'{{"calls":{calls},"waiting":{waiting},"cancelled":{cancelled},"wake_at":null,"memory":1}}'
    message = head if arguments is None else f"{head}\n{arguments}"
    return f"say({message!r})"


FORGED = {
    "nothing": "say('')",
    "no JSON": "say('{')",
    "deep": "say('[' * 100_000)",
    "wide": "say('[' + '[],' * 1_000_000 + '1]')",
    "many lines": "say('{}' + '\\n' * 10_000_000)",
    "unknown number": forge(waiting="[7]"),
    "waits for nothing": forge(),
    "cancels what is not": forge(ONE_CALL, "[1]", "[9]", "[[],{}]"),
    "number out of order": forge('[[2,"f",1]]', "[2]", "[]", "[[],{}]"),
    "number of another kind": forge('[[true,"f",1]]', "[1]", "[]", "[[],{}]"),
    "waits twice": forge(ONE_CALL, "[1,1]", "[]", "[[],{}]"),
    "empty date": forge(ONE_CALL, "[1]", "[]", '[[{"$datetime":[]}],{}]'),
    "lone surrogate": forge(ONE_CALL, "[1]", "[]", '[["\\ud800"],{}]'),
    "unknown note": "note('no-such-rule', 1)",
    "long note": "note('a' * 10_000_000, 1)",
    "note of another kind": "note('\\ud800', 1)",
    "many notes": "for line in range(65): note('return-at-top', line)",
    "notes without end": "while True: note('return-at-top', 1)",
    "answered call": "f(1)\n" + forge(waiting="[1]"),
    "limit that it cannot reach": 'say(\'{"reached":["fuel",null,"f",1,""],"memory":1}\')',
    "limit that it has not reached": 'say(\'{"reached":["value_bytes",1,"f",1,""],"memory":1}\')',
    "limit, and goes on": 'say(\'{"reached":["calls",null,"f",1,""],"memory":1}\')\nf(1)',
    "limit, and calls": 'say(\'{"reached":["calls",null,"f",1,""],"memory":1}\\n[[],{}]\')',
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_message_ends_its_own_program_alone(engine: Engine, play: Play, name: str) -> None:
    """An execution beside it, in the same worker, goes on."""
    beside = [
        engine.execution(Program(source="import time\ntime.sleep(1)\nx"), limits=Limits(), seed=1) for _ in "1234"
    ]
    for one in beside:
        await one.start({"x": 5}, now=NOW)

    played = await play(ESCAPE + FORGED[name], sync=["f"], guarded=False)

    if isinstance(played.end, Raised):
        assert played.error.type == "InterpreterAborted"
    else:
        assert played.limit in {"calls", "memory_bytes"}
    for one in beside:
        ended = await one.advance([], now=NOW + 2_000_000_000)
        assert isinstance(ended, Returned)
        assert ended.value == 5


async def test_the_host_keeps_the_bounds_that_the_driver_was_made_to_forget(play: Play) -> None:
    """The guest's own check ends a run where its line is known; it is the host's that holds."""
    forgets = ESCAPE + "turns.value_bytes = turns.calls = 10**9\n"
    bounds = {"value_bytes": 1_000, "calls": 3}

    large = await play(forgets + "try: f('a' * 992)\nexcept BaseException: pass", sync=["f"], guarded=False, **bounds)
    many = await play(forgets + "for n in range(4): f(n)", sync=["f"], guarded=False, **bounds)

    assert isinstance(large.end, LimitExceeded)
    assert (large.limit, large.end.detail) == ("value_bytes", "the arguments of f(): 1,001 bytes")
    assert (many.limit, len(many.calls)) == ("calls", 3)
