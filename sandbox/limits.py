"""What one execution may use. Every limit is on by default and carries its unit in its name."""

import dataclasses
from dataclasses import dataclass

KIB, MIB = 2**10, 2**20
# The linear memory of an isolate before its program has begun, in whole MiB; a test compares it with the guest.
INTERPRETER_BYTES = 21 * MIB
# Seeds are below it: every reader of JSON keeps such a number exactly.
SEED_BOUND = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one execution; the defaults are safe for programs of strangers.

    Raises:
        ValueError: a limit is not a number, or outside its bounds; the message names both.
    """

    fuel: int = 20_000_000_000
    """WebAssembly instructions, counted exactly; replayed turns are not charged again. About 1.5 s of computing."""
    cpu_seconds: float = 5.0
    """Processor time of the guest; stands still while the guest waits."""
    wall_seconds: float = 30.0
    """Time from start to end, waiting for functions included, queueing not."""
    memory_bytes: int = 64 * MIB
    """The guest's linear memory, the interpreter's own 21 MiB included."""
    output_bytes: int = 1 * MIB
    """Printed text, in UTF-8."""
    value_bytes: int = 10 * MIB
    """Each value that crosses: inputs together, arguments of a call, an outcome, the result; as JSON text. All of them
    together may come to 16 times as much (at least 16 MiB)."""
    source_bytes: int = 256 * KIB
    """The source text, in UTF-8."""
    calls: int = 1_000
    """Calls of functions, altogether."""
    concurrent_calls: int = 64
    """Calls that the host has under way at once; further ones queue, it is never a failure."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            whole = field.type is int or field.type == "int"
            lowest, highest = BOUNDS[field.name]
            right_type = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
            if not right_type or not lowest <= value <= highest:
                wanted = "a whole number" if whole else "a number"
                message = f"limit {field.name!r} must be {wanted} from {lowest:,} to {highest:,}, not {value!r}"
                raise ValueError(message)

    def run_bytes(self) -> int:
        """Return how many bytes all values of one run may come to: the host keeps them until the run has ended."""
        return max(16 * self.value_bytes, 16 * MIB)

    def as_dict(self) -> dict[str, int | float]:
        """Return name -> value, in the order of the fields."""
        return dataclasses.asdict(self)


BOUNDS: dict[str, tuple[float, float]] = {
    "fuel": (1, 10**15),
    "cpu_seconds": (0.001, 86_400),
    "wall_seconds": (0.001, 7 * 86_400),
    "memory_bytes": (INTERPRETER_BYTES + 3 * MIB, 2_048 * MIB),
    "output_bytes": (0, 256 * MIB),
    "value_bytes": (1, 256 * MIB),
    "source_bytes": (1, 16 * MIB),
    "calls": (0, 10**6),
    "concurrent_calls": (1, 10_000),
}
