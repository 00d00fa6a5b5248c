"""A program that is run often: compiled once, at its first run, and from then on never parsed again.

All runs of it run the same compiled code, so that fuel, order and identities are the same in each.
"""

from dataclasses import replace

from sandbox.engine import Engine, version_for
from sandbox.limits import Limits
from sandbox.turns import Compilation, ErrorReport, Program, Survey

# What holds when a program is compiled: nothing of it runs, so it is not the program's own limits that count.
_DEFAULTS = Limits()


class CompiledOnce:
    """A program, and what the engine made of it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        # By version of the engine. Two first runs at once compile twice, to the same text.
        self._made: dict[str, Compilation] = {}

    async def ready(self, engine: Engine, limits: Limits) -> Program | ErrorReport:
        """Return the program with its compiled code, or why there is none.

        Raises:
            HostError: the engine failed; trying again may help.
        """
        version = version_for(engine, self._program)
        made = self._made.get(version)
        if made is None:
            bounds = replace(_DEFAULTS, source_bytes=limits.source_bytes)
            made = await engine.compile(self._program, limits=bounds)
            if made.error is None or made.error.kind in ("syntax", "policy"):
                made = self._made.setdefault(version, made)
        if made.error is not None:
            return made.error
        return replace(self._program, compiled=made.code)

    def survey(self, engine: Engine) -> Survey | None:
        """Return what the engine said of the program when it compiled it."""
        made = self._made.get(version_for(engine, self._program))
        return None if made is None else made.survey
