"""A worker in which no isolate can be made: its programs are given back, and it goes on."""

import socket
from pathlib import Path

import pytest
import wasmtime
from wasmtime import component

from sandbox.engines.cpython.isolate import Runtime, engine_config
from sandbox.engines.cpython.worker import Worker
from sandbox.engines.workers import wire
from sandbox.engines.workers.channel import Channel
from sandbox.engines.workers.wire import FROM_WORKER, FrameKind, FrameReader
from sandbox.limits import Limits

PREPARES = """
(component
  (core module $guest
    (memory (export "memory") 1)
    (func (export "prepare") (result i64) unreachable)
    (func (export "run") (param i32 i32) (result i32) unreachable)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
  (core instance $made (instantiate $guest))
  (func (export "prepare") (result u64) (canon lift (core func $made "prepare")))
  (func (export "run") (param "request" string) (result string)
    (canon lift (core func $made "run") (memory (core memory $made "memory"))
      (realloc (core func $made "realloc")))))
"""
INSTANTIATES = PREPARES.replace("(memory", "(func $trap unreachable) (start $trap)\n    (memory", 1)


@pytest.mark.parametrize("guest", [INSTANTIATES, PREPARES], ids=["cannot be made", "dies while it is prepared"])
def test_a_program_for_which_there_is_no_isolate_is_given_back(guest: str, tmp_path: Path) -> None:
    """Nothing of it has run, so another worker may take it, and this one has done no harm to the others in it."""
    compiled = tmp_path / "guest.cwasm"
    compiled.write_bytes(component.Component(wasmtime.Engine(engine_config()), guest).serialize())
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker = Worker(Channel(theirs), Runtime(compiled))
        limits = Limits()
        assignment = wire.Assignment(
            fuel=limits.fuel, cpu_seconds=1, memory_bytes=limits.memory_bytes, output_bytes=10, seed=0, now=0
        )
        ours.sendall(wire.frame(FrameKind.START, 1, wire.start_payload(assignment, "{}")))

        job = worker._find_job()
        assert job is not None
        job()

        frames = [*FrameReader(FROM_WORKER).feed(ours.recv(1_000))]
        assert frames == [(FrameKind.STOPPED, 1, wire.end_payload(0, 0.0, wire.NO_ROOM))]
        assert not worker.activity.is_busy()
