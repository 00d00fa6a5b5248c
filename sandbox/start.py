"""What a run starts with: the program, its inputs, the functions that answer it, its limits and its seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.dispatch import HostFunction
from sandbox.engine import Engine, version_for
from sandbox.entries import Header
from sandbox.limits import Limits
from sandbox.options import Secret
from sandbox.turns import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """All that decides what a run does, beside the time and what its functions answer."""

    program: Program
    inputs: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, HostFunction] = field(default_factory=dict)
    """By name; a call of a name that is not in it, or not in `program.functions`, fails."""
    limits: Limits = field(default_factory=Limits)
    seed: int
    secrets: tuple[Secret, ...] = ()
    """For its functions, beside those that they name themselves; never part of the journal."""

    def whitelist(self) -> dict[str, HostFunction]:
        """Return the functions that both the program and the host name."""
        named = {spec.name for spec in self.program.functions}
        return {name: one for name, one in self.functions.items() if name in named}

    def all_secrets(self) -> tuple[Secret, ...]:
        """Return what its functions may read while it runs."""
        return (*self.secrets, *(one for function in self.whitelist().values() for one in function.secrets))

    def header(self, engine: Engine, *, now: int) -> Header:
        """Return the header of the run's journal."""
        return Header.of(
            self.program,
            engine=engine.name,
            engine_version=version_for(engine, self.program),
            inputs=self.inputs,
            seed=self.seed,
            now=now,
        )
