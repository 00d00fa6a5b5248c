"""Frames between engine and workers; whatever a worker sends, it is a frame or `BadFrame`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engines.workers import wire
from sandbox.engines.workers.wire import FROM_WORKER, BadFrame, FrameKind, FrameReader

ASSIGNMENT = wire.Assignment(fuel=2**63, cpu_seconds=0.5, memory_bytes=1, output_bytes=0, seed=2**53, now=-1)


@pytest.mark.parametrize("turns", [[], [(7, "ä"), (8, "")]])
def test_an_assignment_is_read_as_it_was_written(turns: list[wire.Turn]) -> None:
    """The worker enforces the numbers that the engine meant, and takes the turns that it was sent along."""
    assert wire.read_start(wire.start_payload(ASSIGNMENT, "röquest", turns)) == (ASSIGNMENT, "röquest", turns)


@pytest.mark.parametrize("turns", [[(-5, "a\nb")], [(1, ""), (2**63 - 1, "é"), (2, "c")]])
def test_turns_are_read_as_they_were_written(turns: list[wire.Turn]) -> None:
    """Time and text of each, in their order."""
    assert wire.read_advance(wire.advance_payload(turns)) == turns


def test_a_note_is_read_as_it_was_written() -> None:
    """Its code and its line."""
    assert wire.read_note(wire.note_payload("return-at-top", 2**32 - 1)) == ("return-at-top", 2**32 - 1)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [(b"", "no note"), (b"\0\0\0", "no note"), (bytes(4) + b"\xff", "no UTF-8"), (bytes(4) + b"a" * 101, "no note")],
)
def test_a_payload_that_is_no_note_is_a_bad_frame(payload: bytes, reason: str) -> None:
    """Too short, no text, or longer than any code."""
    with pytest.raises(BadFrame, match=f"^{reason}$"):
        wire.read_note(payload)


def test_a_note_that_is_too_long_is_cut_at_a_whole_character() -> None:
    """Half a character would make the engine take a forged note for a broken worker, and kill it."""
    assert wire.read_note(wire.note_payload("x" + "é" * 100, 1)) == ("x" + "é" * 49, 1)


@given(st.lists(st.tuples(st.sampled_from(sorted(FROM_WORKER)), st.integers(0, 2**64 - 1), st.binary(max_size=50))),
       st.integers(1, 40))  # fmt: skip
def test_frames_survive_any_cut_of_the_stream(frames: list[tuple[FrameKind, int, bytes]], size: int) -> None:
    """A socket gives bytes, not frames."""
    stream = b"".join(wire.frame(*one) for one in frames)
    reader = FrameReader(FROM_WORKER)

    received = [frame for start in range(0, len(stream), size) for frame in reader.feed(stream[start : start + size])]

    assert received == frames


@given(st.binary(max_size=200))
def test_rubbish_is_frames_or_a_bad_frame(rubbish: bytes) -> None:
    """Nothing else may come out of bytes that nobody checked."""
    try:
        for kind, _, payload in FrameReader(FROM_WORKER).feed(rubbish):
            assert kind in FROM_WORKER
            wire.read_end(payload)
    except BadFrame:
        pass


@pytest.mark.parametrize("kind", [FrameKind.START, FrameKind.ADVANCE, FrameKind.CANCEL])
def test_a_worker_cannot_send_what_only_the_engine_sends(kind: FrameKind) -> None:
    """Each side accepts its own kinds alone."""
    with pytest.raises(BadFrame, match=f"^kind {kind}, 0 bytes$"):
        list(FrameReader(FROM_WORKER).feed(wire.frame(kind, 1, b"")))


def test_a_payload_beyond_the_bound_is_refused_before_it_is_read() -> None:
    """A length alone must not make the engine wait for gigabytes."""
    with pytest.raises(BadFrame, match=f"^kind {FrameKind.OUTPUT}, {2**32 - 1} bytes$"):
        list(FrameReader(FROM_WORKER).feed(b"\xff\xff\xff\xff" + bytes([FrameKind.OUTPUT]) + bytes(8)))
