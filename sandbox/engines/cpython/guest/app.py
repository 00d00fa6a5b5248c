"""The component's entry: connects the driver with its imports, and freezes the state that every isolate starts in.

What is imported here, directly or not, is what the guest has: nothing can be imported later.
"""

import importlib
import random
import sys
import warnings
from typing import Any

# The runtime reseeds `random` with 2,496 bytes from the host at the first call, which costs more than the rest of
# that call. The driver seeds it from the run's seed, so reseeding without a seed does nothing.
_seed = random.seed


def _seed_explicitly(a: Any = None, version: int = 2) -> None:
    if a is not None:
        _seed(a, version)


random.seed = _seed_explicitly

# Parts that the standard library would load when they are first needed, and could not then.
import _strptime  # noqa: E402, F401

import _pylong  # type: ignore[import-not-found]  # noqa: E402, F401 - not in the list of the standard library

for _encoding in (
    "cp437", "cp1252", "idna", "iso8859_1", "iso8859_15", "punycode", "raw_unicode_escape", "unicode_escape", "utf_7",
    "utf_8_sig", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le",
):  # fmt: skip
    importlib.import_module(f"encodings.{_encoding}")

import memory_size  # noqa: E402
import wit_world  # noqa: E402

from sandbox.engines.cpython.guest import driver, namespace, notes, output, packages, snapshot, warm_up  # noqa: E402

packages.load()


class WitWorld(wit_world.WitWorld):  # type: ignore[misc] # exists in the guest only
    """The component's exports."""

    def prepare(self) -> int:
        """Make the isolate ready for a program; return the size of its memory in bytes."""
        return driver.prepare()

    def run(self, request: str) -> str:
        """Run one program."""
        return driver.run(request)


class _Nowhere:
    """Takes what the interpreter itself would print: warnings, unraisable exceptions."""

    encoding, errors = "utf-8", "replace"

    def write(self, text: str) -> int:
        """Forget the text."""
        return len(text)

    def flush(self) -> None:
        """Do nothing."""


warnings.simplefilter("ignore")
# What the interpreter calls when a coroutine that was never awaited is freed.
warnings._warn_unawaited_coroutine = notes.note_unawaited  # type: ignore[attr-defined] # noqa: SLF001
# The C-level streams trap, so both are objects of ours.
sys.stdout = output.OUTPUT
sys.stderr = _Nowhere()
namespace.close()
snapshot.shape(warm_up.warm_up)
driver.connect(wit_world.end_turn, wit_world.write, wit_world.note, memory_size.memory_size)
