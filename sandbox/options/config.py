"""How a sandboxed template runs: its engine, its memory, its time, the depth of its calls, its language policy."""

from dataclasses import dataclass
from typing import Literal, get_args

from sandbox.advice import advising
from sandbox.limits import BOUNDS, INTERPRETER_BYTES, MIB, Limits

STACK_DEPTH = 256
Policy = Literal["guarded", "open"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
_BOUNDS = {
    "max_memory": tuple(int(bound) - INTERPRETER_BYTES for bound in BOUNDS["memory_bytes"]),
    # Fewer, and the guest's own event loop has no room.
    "max_stack_depth": (32, 10_000),
    "timeout_ms": (1, int(BOUNDS["wall_seconds"][1] * 1_000)),
}


@advising
@dataclass(frozen=True, kw_only=True)
class SandboxedConfig:
    """The configuration of a sandboxed template, checked where it is made.

    Raises:
        TypeError: a value has another type.
        ValueError: a value is out of bounds, or asks for something that is not supported.
    """

    max_memory: int = 50 * MIB
    """Bytes that the program may add to the interpreter's own."""
    max_stack_depth: int = STACK_DEPTH
    """How many calls of the program's may be under way in one another; the next raises `RecursionError` there."""
    timeout_ms: int = 30_000
    """From start to end of one attempt, waiting for functions included."""
    type_check: bool = True
    """Whether the source is checked against the inputs' types, the functions' signatures and the declared output when
    the template is made, which takes about a tenth of a second: what certainly fails raises `SourceRejected` of kind
    `type`. Values are checked in any case, when they cross. Flyte's default, too."""
    engine: str | None = None
    """Which engine runs the program, where the template does not say: `cpython`, `monty`, or `auto` for the quickest
    one that surely runs it; None: `cpython`."""
    policy: Policy = "guarded"
    """`open` switches the language policy off: a program then has all of the guest's Python. The other walls stand."""

    def __post_init__(self) -> None:
        for name in ("max_memory", "max_stack_depth", "timeout_ms"):
            value: object = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                message = f"{name} must be a whole number, not {value!r}"
                raise TypeError(message)
        type_check: object = self.type_check
        if not isinstance(type_check, bool):
            message = f"type_check must be True or False, not {type_check!r}"
            raise TypeError(message)
        engine: object = self.engine
        if engine is not None and not isinstance(engine, str):
            message = f"engine must be the name of an engine, not {engine!r}"
            raise TypeError(message)
        if self.policy not in POLICIES:
            message = f'policy must be "guarded" or "open", not {self.policy!r}'
            raise ValueError(message)
        for name, (lowest, highest) in _BOUNDS.items():
            if not lowest <= getattr(self, name) <= highest:
                message = f"{name} must be from {lowest:,} to {highest:,}, not {getattr(self, name):,}"
                raise ValueError(message)

    def limits(self) -> Limits:
        """Return the limits of an execution under this configuration."""
        return Limits(memory_bytes=INTERPRETER_BYTES + self.max_memory, wall_seconds=self.timeout_ms / 1_000)
