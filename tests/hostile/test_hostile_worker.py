"""Workers that somebody has broken out into: whatever they send, they lose their runs, and the engine goes on."""

import asyncio
import struct
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.workers import process, wire
from sandbox.engines.workers.execution import WorkerExecution
from sandbox.engines.workers.wire import FrameKind, frame
from sandbox.errors import EngineCrashed
from sandbox.policy import MAX_NOTES
from sandbox.turns import Blocked, Note, Outcome, Progress, Raised, Returned, Spent, Turn
from tests.hostile.impostor import (
    BLOCKED,
    FINISHED,
    FORESEEN,
    FOUND,
    LIMITS,
    NOTE,
    OUTPUT,
    PROGRAM,
    READY,
    SPARE,
    STOPPED,
    STOPPED_BY_FUEL,
    TAKEN,
    Impostor,
    begin,
    blocked,
    engine_of_impostors,
    final,
    until_replaced,
    until_started,
)
from tests.play import NOW
from tests.waiting import until

# In these, 1 is the worker's only execution, and 7 one that does not exist.
HOSTILE: dict[str, list[bytes]] = {
    "ready twice": [READY],
    "a frame of the engine's": [frame(FrameKind.START, 1)],
    "an unknown kind": [frame(OUTPUT, 1).replace(b"\x05", b"\xff", 1)],
    "longer than any frame": [struct.pack("<IBQ", 2**32 - 1, OUTPUT, 1)],
    "longer than the guest's memory": [frame(TAKEN, 1, SPARE), struct.pack("<IBQ", 64 * 2**20, FINISHED, 1)],
    "output before the beginning": [frame(OUTPUT, 1, b"x")],
    "a value before the beginning": [frame(FINISHED, 1, final())],
    "taken twice": [frame(TAKEN, 1, SPARE), frame(TAKEN, 1, SPARE)],
    "taken, with more than a number": [frame(TAKEN, 1, b"xx")],
    "no output": [frame(TAKEN, 1, SPARE), frame(OUTPUT, 1, b"")],
    "output twice": [frame(TAKEN, 1, SPARE), frame(OUTPUT, 1, b"x"), frame(OUTPUT, 1, b"x")],
    "more output than is allowed": [frame(TAKEN, 1, SPARE), frame(OUTPUT, 1, b"x" * 101)],
    "output that is no text": [frame(TAKEN, 1, SPARE), frame(OUTPUT, 1, b"\xff"), frame(FINISHED, 1, final())],
    "a long note": [frame(TAKEN, 1, SPARE), frame(NOTE, 1, bytes(105))],
    "a note before the beginning": [frame(NOTE, 1, wire.note_payload("x", 1))],
    "a note that is no text": [frame(TAKEN, 1, SPARE), frame(NOTE, 1, bytes(4) + b"\xff")],
    "more notes than a worker passes on": [frame(TAKEN, 1, SPARE), frame(NOTE, 1, bytes(4)) * (MAX_NOTES + 1)],
    "another execution": [frame(TAKEN, 1, SPARE), frame(FINISHED, 7, final())],
    "an end that is too short": [frame(TAKEN, 1, SPARE), frame(FINISHED, 1, b"x")],
    "an end that is no text": [frame(TAKEN, 1, SPARE), frame(FINISHED, 1, wire.end_payload(1, 0.1, "") + b"\xff")],
    "no processor time": [frame(TAKEN, 1, SPARE), frame(FINISHED, 1, wire.end_payload(1, float("nan"), "{}"))],
    "more fuel than there was": [frame(TAKEN, 1, SPARE), frame(FINISHED, 1, wire.end_payload(2**63, 0.1, "{}"))],
    "a long reason": [frame(TAKEN, 1, SPARE), frame(STOPPED, 1, wire.end_payload(1, 0.1, "x" * 65))],
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_worker_that_sends_such_frames_is_replaced(name: str) -> None:
    """Its program is lost to it, told so to whoever runs it, and the next worker is asked."""
    async with engine_of_impostors(1) as (engine, impostors):
        impostors[0].honest = False
        _, turn = begin(engine)
        await until_started(impostors, 1)

        impostors[0].say(b"".join(HOSTILE[name]))
        with pytest.raises(EngineCrashed):
            await turn
        await until_replaced(impostors, 2)
        _, again = begin(engine)
        after = await again

        assert impostors[0].status == -9
        assert isinstance(after, Returned)
        assert after.value == FOUND


async def test_what_a_worker_says_of_a_turn_that_was_cut_off_is_checked_and_bounded() -> None:
    """Its value and its calls are nobody's any more; notes that there are not are dropped; fuel is at most what was."""
    async with engine_of_impostors(1) as (engine, impostors):
        impostors[0].honest = False
        execution, turn = begin(engine)
        await until_started(impostors, 1)
        note = frame(NOTE, 1, wire.note_payload("never-awaited", 2)) + frame(NOTE, 1, wire.note_payload("forged", 2))
        stopping = asyncio.ensure_future(execution.stop())
        await asyncio.sleep(0)
        end = wire.end_payload(2**60, 0.1, "cancelled")
        impostors[0].say(frame(TAKEN, 1, SPARE) + note + frame(OUTPUT, 1, b"x") + frame(STOPPED, 1, end))

        cut = await stopping

        assert cut == Progress(
            output="x",
            spent=Spent(fuel=LIMITS.fuel, cpu_seconds=0.1, memory_bytes=cut.spent.memory_bytes if cut else 0),
            notes=(Note(code="never-awaited", line=2),),
        )
        with pytest.raises(asyncio.CancelledError):
            await turn


async def test_a_worker_that_dies_over_a_turn_that_was_cut_off_says_nothing_of_it() -> None:
    """Whoever waits for its last words is told at once."""
    async with engine_of_impostors(1) as (engine, impostors):
        impostors[0].honest = False
        execution, turn = begin(engine)
        await until_started(impostors, 1)

        stopping = asyncio.ensure_future(execution.stop())
        await asyncio.sleep(0)
        impostors[0].say(frame(STOPPED, 7, STOPPED_BY_FUEL))

        assert await stopping is None
        with pytest.raises(asyncio.CancelledError):
            await turn


async def blocked_in_a_call(engine: CPythonEngine, impostors: list[Impostor]) -> WorkerExecution:
    """Return an execution that waits for its first call."""
    impostors[0].honest = False
    execution, turn = begin(engine)
    await until_started(impostors, 1)
    impostors[0].say(frame(TAKEN, 1, SPARE) + frame(BLOCKED, 1, blocked(1)))
    assert isinstance(await turn, Blocked)
    return execution


@pytest.mark.parametrize(
    "unasked",
    [
        frame(OUTPUT, 1, b"x"),
        frame(BLOCKED, 1, blocked(2)),
        frame(FINISHED, 1, final()),
        frame(STOPPED, 1, STOPPED_BY_FUEL),
        frame(TAKEN, 1, SPARE),
    ],
    ids=["output", "blocked", "finished", "stopped", "taken"],
)
async def test_a_waiting_execution_has_nothing_to_say(unasked: bytes) -> None:
    """Turns alternate: a worker that goes on without an outcome is none of ours."""
    async with engine_of_impostors(1) as (engine, impostors):
        execution = await blocked_in_a_call(engine, impostors)

        impostors[0].say(unasked)
        await until_replaced(impostors, 2)

        with pytest.raises(EngineCrashed):
            await execution.advance([Outcome(number=1, value=1)], now=NOW)


@pytest.mark.parametrize("waiting", [[2], [1], [0], [2**63]], ids=["not made", "answered", "zero", "huge"])
async def test_a_wait_for_a_call_that_cannot_be_answered_ends_the_program(waiting: list[int]) -> None:
    """It would wait for ever; this much a guest can do itself, so the worker stays."""
    async with engine_of_impostors(1) as (engine, impostors):
        execution = await blocked_in_a_call(engine, impostors)

        turn = asyncio.ensure_future(execution.advance([Outcome(number=1, value=1)], now=NOW))
        await asyncio.sleep(0)
        impostors[0].tell(BLOCKED, 1, blocked(waiting=waiting))
        ended = await turn

        assert isinstance(ended, Raised)
        assert ended.error.type == "InterpreterAborted"
        assert impostors[0].status is None


async def test_a_cancelled_execution_may_still_end_in_any_way() -> None:
    """A worker that was told to stop may have been about to say something; that is no reason to kill it."""
    async with engine_of_impostors(1) as (engine, impostors):
        impostors[0].honest = False
        ends = [frame(FINISHED, 1, final()), frame(STOPPED, 2, STOPPED_BY_FUEL), frame(BLOCKED, 3, blocked(1))]
        for count, end in enumerate([*ends, frame(STOPPED, 3, STOPPED_BY_FUEL)]):
            if count < 3:
                execution, turn = begin(engine)
                await until_started(impostors, count + 1)
                impostors[0].tell(TAKEN, count + 1, SPARE)
                execution.close()
                with pytest.raises(asyncio.CancelledError):
                    await turn
            impostors[0].say(end)
        impostors[0].honest = True
        _, turn = begin(engine)

        assert isinstance(await turn, Returned)
        assert len(impostors) == 1


async def test_a_program_that_a_worker_has_no_room_for_is_not_blamed() -> None:
    """It was not begun, so that it may be tried elsewhere as often as there are workers."""
    async with engine_of_impostors(1) as (engine, impostors):
        impostors[0].honest = False
        _, turn = begin(engine)
        await until_started(impostors, 1)
        impostors[0].tell(STOPPED, 1, wire.end_payload(0, 0.0, wire.NO_ROOM))

        with pytest.raises(EngineCrashed) as lost:
            await turn
        assert lost.value.under_way is False
        assert impostors[0].status is None


@pytest.mark.parametrize("half", [frame(FINISHED, 1, final())[:20], b"\x01", b""], ids=["half", "a byte", "nothing"])
async def test_a_worker_that_falls_silent_is_killed(monkeypatch: pytest.MonkeyPatch, half: bytes) -> None:
    """Whoever runs the program gives it up at its wall time; a worker that does not confirm that is not waited for."""
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.05)
    async with engine_of_impostors(1) as (engine, impostors):
        impostors[0].honest = False
        execution, turn = begin(engine)
        await until_started(impostors, 1)
        impostors[0].say(frame(TAKEN, 1, SPARE) + half)

        execution.close()
        with pytest.raises(asyncio.CancelledError):
            await turn
        await until_replaced(impostors, 2)

        assert impostors[0].status == -9


async def test_a_worker_that_keeps_what_waits_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A waiting execution takes memory: giving it up has to be confirmed too."""
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.05)
    async with engine_of_impostors(1) as (engine, impostors):
        execution = await blocked_in_a_call(engine, impostors)

        execution.close()
        await until_replaced(impostors, 2)

        assert impostors[0].status == -9


# -- anything at all -----------------------------------------------------------------------------------------------

TEXTS = st.sampled_from(["fuel", "aborted", wire.NO_ROOM, "{}", "[]", "{" * 500, '{"error":null,"memory":1}\n{"$":1}'])
PAYLOADS = st.one_of(
    st.just(b""),
    st.binary(max_size=120),
    st.just(final()),
    st.just(final({"$datetime": []})),
    st.just(wire.ready_payload(0)),
    st.builds(lambda *calls: blocked(*calls), st.integers(0, 3)),
    st.builds(lambda waiting: blocked(waiting=waiting), st.lists(st.integers(-1, 3), max_size=3)),
    st.builds(wire.end_payload, st.integers(0, 2**64 - 1), st.floats(), TEXTS),
)
# Programs 1 to 4 live in the hostile worker and in the one beside it.
NUMBERS = st.one_of(st.integers(0, 6), st.integers(0, 2**64 - 1))
KINDS = st.one_of(st.sampled_from(sorted(wire.FROM_WORKER)), st.integers(0, 255))


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Draw what a hostile worker sends, in pieces: frames that may come, that may not, and pieces of some."""
    pieces: list[bytes] = []
    for _ in range(draw(st.integers(1, 12))):
        number, payload = draw(NUMBERS), draw(PAYLOADS)
        whole = struct.pack("<IBQ", len(payload), draw(KINDS), number) + payload
        plausible = (
            frame(TAKEN, number, SPARE)
            + frame(OUTPUT, number, b"x")
            + frame(draw(st.sampled_from([BLOCKED, FINISHED])), number, payload)
        )
        piece = draw(st.sampled_from([whole, plausible, frame(TAKEN, number, SPARE)]))
        pieces.append(piece[: draw(st.integers(1, len(piece)))] if draw(st.integers(0, 9)) == 0 else piece)
    return pieces


async def follow(engine: CPythonEngine, ends: list[Any], foreseen: list[Turn]) -> None:
    """Run a program, take it through the turns that are foreseen, and answer its calls, as far as it gets."""
    execution = engine.execution(PROGRAM, limits=LIMITS, seed=7)
    execution.foresee(iter(foreseen))
    try:
        progress = await execution.start({}, now=NOW)
        for turn in foreseen:
            if isinstance(progress, Blocked):
                progress = await execution.advance(turn.outcomes, now=turn.now)
        while isinstance(progress, Blocked):
            progress = await execution.advance([Outcome(number=one, value=1) for one in progress.waiting_for], now=NOW)
        ends.append(progress)
    except EngineCrashed as error:
        ends.append(error)
    finally:
        execution.close()


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=streams(), ahead=st.integers(0, 2))
async def test_whatever_a_worker_sends_the_others_go_on(pieces: list[bytes], ahead: int) -> None:
    """No exception escapes, no other execution is answered, and the next program runs."""
    async with engine_of_impostors(2) as (engine, impostors):
        hostile, beside = impostors
        hostile.honest = beside.honest = False
        ends: list[Any] = []
        tasks = [asyncio.ensure_future(follow(engine, ends, FORESEEN[:ahead])) for _ in range(4)]
        await until_started(impostors, 4)
        for number in beside.started:
            beside.tell(TAKEN, number, SPARE)
        for piece in pieces:
            hostile.say(piece)
            await asyncio.sleep(0.0005)
        assert [one for one in ends if isinstance(one, Returned) and one.output not in ("", "x", "xx", "xxx")] == []
        hostile.honest = True
        for number in beside.started:
            beside.tell(FINISHED, number, final("beside"))
        beside.honest = True
        await until(
            lambda: sum(isinstance(end, Returned) and end.value == "beside" for end in ends) >= len(beside.started)
        )
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # The hostile one, if it was never caught, may still owe ends; whoever is asked next is somebody honest.
        hostile.kill()
        _, turn = begin(engine)
        after = await turn

        assert isinstance(after, Returned)
        assert after.value == FOUND
