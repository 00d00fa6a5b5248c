"""Spinning before sleeping: who may, and that nothing is missed by it."""

import asyncio
import os
import socket
import threading
from pathlib import Path

import pytest

from sandbox.engines.workers import wire
from sandbox.engines.workers.channel import Channel
from sandbox.engines.workers.loop_spinning import LoopSpinner
from sandbox.engines.workers.spinning import may_spin
from sandbox.engines.workers.wire import FrameKind

SEVERAL = len(os.sched_getaffinity(0)) >= 2


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("max 100000", SEVERAL), ("200000 100000", SEVERAL), ("199999 100000", False), ("nothing", SEVERAL)],
)
def test_a_control_group_with_less_than_two_processors_does_not_spin(
    quota: str, *, expected: bool, tmp_path: Path
) -> None:
    """What is burnt there is taken from whom is waited for."""
    path = tmp_path / "cpu.max"
    path.write_text(quota)

    assert may_spin(path) is expected


def test_without_a_control_group_the_processors_decide(tmp_path: Path) -> None:
    """Not every system has them."""
    assert may_spin(tmp_path / "cpu.max") is SEVERAL


def test_a_channel_that_spins_reads_what_one_that_sleeps_reads() -> None:
    """Frames that are there, frames that come in parts, and the end."""
    ours, theirs = socket.socketpair()
    ended: list[str] = []
    channel = Channel(theirs, lambda: ended.append("gone"))
    turns = [wire.frame(FrameKind.ADVANCE, number, b"turn") for number in range(3)]

    ours.sendall(turns[0])
    first = channel.read(spin=True)
    ours.sendall(turns[1] + turns[2][:5])
    second = channel.read(spin=True)
    ours.sendall(turns[2][5:])
    third = channel.read()
    ours.close()
    channel.read(spin=True)
    theirs.close()

    assert [*first, *second, *third] == [(FrameKind.ADVANCE, number, b"turn") for number in range(3)]
    assert ended == ["gone"]


def test_a_loop_beside_others_falls_asleep_at_once() -> None:
    """It would hold the interpreter's lock while they work for each other."""
    asked: list[str] = []

    def is_expecting() -> bool:
        asked.append("asked")
        return False

    async def spin() -> None:
        LoopSpinner(asyncio.get_running_loop(), is_expecting).spin()
        await asyncio.sleep(0)

    beside = threading.Thread(target=lambda: asyncio.run(spin()))
    beside.start()
    beside.join(10)

    assert asked == []


async def test_a_loop_stays_awake_until_there_is_nothing_to_wait_for() -> None:
    """Then it sleeps as ever, and other work is done meanwhile."""
    asked: list[int] = []

    def is_expecting() -> bool:
        asked.append(len(asked))
        return len(asked) < 3

    spinner = LoopSpinner(asyncio.get_running_loop(), is_expecting)
    spinner.spin()
    spinner.spin()
    for _ in range(10):
        await asyncio.sleep(0)

    # Where another process wants the processor, it ends before.
    assert asked in ([0, 1, 2], [0, 1], [0]) if SEVERAL else not asked
