"""The first message of an execution: written before it has a worker, finished when its isolate is known."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.engines.workers import messages, wire
from sandbox.engines.workers.crossing import Crossing
from sandbox.limits import Limits
from sandbox.turns import Program
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of


class Beginning:
    """The message that starts a program, and the numbers that its worker needs."""

    def __init__(self, program: Program, limits: Limits, seed: int, *, compile_only: bool) -> None:
        self._program = program
        self._limits = limits
        self._seed = seed
        self._compile_only = compile_only
        self._now = 0
        self._request = ""

    async def write(self, inputs: Mapping[str, Any], *, now: int, crossing: Crossing) -> None:
        """Write the message.

        Raises:
            ValueRejected: an input cannot cross, or all of them together exceed `value_bytes`.
        """
        self._now = now
        self._request = await in_its_place(
            weight_of(inputs, enough=HEAVY_BYTES),
            lambda: messages.request(
                self._program,
                inputs,
                seed=self._seed,
                now=now,
                limits=self._limits,
                compile_only=self._compile_only,
                crossing=crossing,
            ),
        )

    def take(self, isolate: int, turns: Sequence[wire.Turn]) -> bytes:
        """Return the payload of START, once.

        Args:
            isolate: the execution whose isolate is taken over, 0 for none.
            turns: those that follow the first one, as far as they are sent with it.
        """
        request, self._request = self._request, ""
        assignment = wire.Assignment(
            fuel=self._limits.fuel,
            cpu_seconds=self._limits.cpu_seconds,
            memory_bytes=self._limits.memory_bytes,
            output_bytes=self._limits.output_bytes,
            seed=self._seed,
            now=self._now,
            isolate=isolate,
            keep=self._program.reuse is not None and not self._compile_only,
        )
        return wire.start_payload(assignment, messages.again(request) if isolate else request, turns)
