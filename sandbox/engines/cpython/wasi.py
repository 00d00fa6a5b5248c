"""The WASI that grants nothing: a clock and randomness that the host decides, and traps for all the rest.

With it the guest has no files, no environment, no sockets, no processes and no threads: everything not defined here
ends the isolate when it is called.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Protocol

import wasmtime
import wasmtime.component as component

from sandbox.engines.workers.clock import CLOCK_STEP_NANOSECONDS

_SECOND = 1_000_000_000
_MOST_BYTES = 2**24


class RandomStream:
    """The run's randomness: a stream of bytes that depends on the seed alone."""

    def __init__(self, seed: int) -> None:
        self._key = str(seed).encode()
        self._reads = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes.

        Raises:
            WasmtimeError: they are more than anybody needs.
        """
        if count > _MOST_BYTES:
            raise wasmtime.WasmtimeError("too many random bytes")
        self._reads += 1
        return hashlib.shake_256(self._key + b":" + str(self._reads).encode()).digest(count)


class Host(Protocol):
    """What an execution offers to the guest through WASI and the world's three imports."""

    random: RandomStream

    def read_clock(self) -> int:
        """Return nanoseconds since the epoch."""

    def end_turn(self, progress: str, /) -> str:
        """Hand the turn to the host; return its answer."""

    def write(self, text: str, /) -> None:
        """Take printed text."""

    def note(self, code: str, line: int, /) -> None:
        """Take a note: what was done for the program beside running it."""


class CurrentHost(Protocol):
    """Finds the execution that the running thread works for."""

    def __call__(self) -> Host: ...


def define_imports(
    linker: component.Linker,
    guest: component.Component,
    import_names: list[str],
    current: CurrentHost,
    add_end_turn: Callable[[component.LinkerInstance], None],
) -> None:
    """Define every import of the guest: traps first, then the few that answer over them.

    `add_end_turn` adds the one import that every call of a function goes through.
    """
    linker.allow_shadowing = True
    linker.define_unknown_imports_as_traps(guest)
    with linker.root() as root:
        add_end_turn(root)
        root.add_func("write", lambda _store, text: current().write(text))
        root.add_func("note", lambda _store, code, line: current().note(code, line))
        answers = _answers(current)
        for name in import_names:
            # The name carries the version of WASI that the guest was built for.
            functions = answers.get(name.partition("@")[0], {})
            if not functions:
                continue
            with root.add_instance(name) as instance:
                for function, answer in functions.items():
                    instance.add_func(function, answer)


def _answers(current: CurrentHost) -> dict[str, dict[str, Any]]:
    def wall_clock(_store: Any) -> Any:
        record: Any = component.Record()
        record.seconds, record.nanoseconds = divmod(current().read_clock(), _SECOND)
        return record

    def resolution(_store: Any) -> Any:
        record: Any = component.Record()
        record.seconds, record.nanoseconds = 0, CLOCK_STEP_NANOSECONDS
        return record

    return {
        "wasi:clocks/monotonic-clock": {
            "now": lambda _store: current().read_clock(),
            "resolution": lambda _store: CLOCK_STEP_NANOSECONDS,
        },
        "wasi:clocks/wall-clock": {"now": wall_clock, "resolution": resolution},
        "wasi:random/random": {
            "get-random-bytes": lambda _store, count: current().random.take(count),
            "get-random-u64": lambda _store: int.from_bytes(current().random.take(8), "little"),
        },
        "wasi:filesystem/preopens": {"get-directories": lambda _store: []},
        "wasi:cli/environment": {
            "get-environment": lambda _store: [],
            "get-arguments": lambda _store: [],
        },
    }
