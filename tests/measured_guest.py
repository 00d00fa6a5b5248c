"""The guest's entry for measuring: keeps the lines of the policy that were executed, and prints them after a program.

It is built into a guest of its own by `tests/conformance/test_policy_lines.py`, and is no part of any other.
"""

import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.engines.cpython import guest

MODULES = (
    "attributes", "facades", "guards", "interior", "kinds", "owners", "replaced", "reports", "texts", "transformer",
    "zones",
)  # fmt: skip
_FILES: dict[str, set[int]] = {}
_EXECUTED: dict[str, set[int]] = {name: set() for name in MODULES}
_monitoring: Any = getattr(sys, "monitoring", None)  # the host may be older than the guest


def _module_of(code: types.CodeType) -> str | None:
    folder, _, name = code.co_filename.rpartition("/")
    name = name.removesuffix(".py")
    return name if folder.endswith("guest") and name in MODULES else None


def _keep(code: types.CodeType, line: int) -> Any:
    name = _module_of(code)
    if name is not None:
        _EXECUTED[name].add(line)
    return _monitoring.DISABLE


def _lines(code: types.CodeType, *, of_function: bool) -> Iterator[int]:
    """Yield the lines that can be executed; the line of a `def` itself belongs to what surrounds it."""
    for _, _, line in code.co_lines():
        if line and not (of_function and line == code.co_firstlineno):
            yield line
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType) and constant.co_name != "__annotate__":
            yield from _lines(constant, of_function=True)


# Before the guest closes the interpreter: nothing is compiled here later.
for _name in MODULES:
    _path = Path(guest.__path__[0]) / f"{_name}.py"
    _FILES[_name] = set(_lines(compile(_path.read_bytes(), str(_path), "exec"), of_function=False))
_monitoring.use_tool_id(_monitoring.COVERAGE_ID, "lines")
_monitoring.register_callback(_monitoring.COVERAGE_ID, _monitoring.events.LINE, _keep)
_monitoring.set_events(_monitoring.COVERAGE_ID, _monitoring.events.LINE)

import wit_world  # noqa: E402

from sandbox.engines.cpython.guest import app  # noqa: E402


class WitWorld(app.WitWorld):
    """The component's exports."""

    def run(self, request: str) -> str:
        """Run one program, then print which lines were executed and which there are."""
        last_message = super().run(request)
        told = {name: [sorted(_EXECUTED[name]), sorted(_FILES[name])] for name in MODULES}
        wit_world.write(json.dumps(told))
        return last_message
