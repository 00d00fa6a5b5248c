"""Which engine runs a program: the one that was asked for, or, for `auto`, the quickest one that surely runs it.

The choice is made once, before a run begins; the journal names the engine, and the run goes on with that one.
"""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from typing import Generic, TypeVar

from sandbox.engine import Engine
from sandbox.engines.table import AUTO
from sandbox.errors import EngineCrashed, EngineUnavailable
from sandbox.turns import Program
from sandbox.types import ValueType

E_co = TypeVar("E_co", bound=Engine, covariant=True)

# Types that the other engines do not carry.
_WORD = re.compile(r"\b(File|Dir|DataFrame|UUID)\b")
# Programs of which is remembered whether an engine runs them.
MEMORY = 4_096
# Characters of a source that is looked at; a longer one is run by the engine that runs everything.
LONGEST = 256 * 1024


class Engines(Generic[E_co]):
    """The engines of one process, the one that runs everything first.

    Args:
        engines: in the order in which they are fallen back to, the first one last.
    """

    def __init__(self, engines: Iterable[E_co]) -> None:
        self._engines: dict[str, E_co] = {one.name: one for one in engines}
        self._known: OrderedDict[tuple[str, bytes], bool] = OrderedDict()

    @property
    def whole(self) -> E_co:
        """The engine that runs everything."""
        return next(iter(self._engines.values()))

    @property
    def all(self) -> tuple[E_co, ...]:
        """All of them, the one that runs everything first."""
        return tuple(self._engines.values())

    @property
    def choices(self) -> tuple[str, ...]:
        """What a program may ask for."""
        return (*self._engines, AUTO)

    def named(self, name: str) -> E_co:
        """Return the engine of a name.

        Raises:
            EngineUnavailable: it is not here.
        """
        engine = self._engines.get(name)
        if engine is None:
            known = ", ".join(self._engines)
            raise EngineUnavailable(f"the engine {name!r} is not here any more; engines: {known}")
        return engine

    def are_ready(self) -> bool:
        """Say whether a program would find somebody to run it now, whichever engine it asks for."""
        return all(one.is_ready() for one in self.all)

    async def open(self) -> None:
        """Make them ready.

        Raises:
            EngineUnavailable: one cannot run here; then none is left open.
        """
        starts = [asyncio.ensure_future(one.open()) for one in self.all]
        try:
            await asyncio.gather(*starts)
        except BaseException:
            for start in starts:
                start.cancel()
            await asyncio.gather(*starts, return_exceptions=True)
            await self.close()
            raise

    async def close(self) -> None:
        """End all executions and processes."""
        await asyncio.gather(*(one.close() for one in self.all))

    async def chosen(self, asked: str, program: Program, needs: Collection[str] = ()) -> E_co:
        """Return the engine that runs a program.

        Args:
            asked: a name, or `auto`.
            needs: what the run needs beside the program that only the engine has that runs everything; see `needs_of`.

        Raises:
            EngineUnavailable: it is not here.
        """
        if asked != AUTO:
            return self.named(asked)
        if not needs and len(program.source) <= LONGEST:
            for engine in self.all[:0:-1]:
                if await self._suits(engine, program):
                    return engine
        return self.whole

    async def _suits(self, engine: Engine, program: Program) -> bool:
        key = engine.version, _digest(program)
        known = self._known.get(key)
        if known is None:
            try:
                known = await engine.suits(program)
            except EngineCrashed:
                # A text that is too much for the reader of one engine.
                known = False
            self._known[key] = known
            if len(self._known) > MEMORY:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(key)
        return known


def needs_of(
    program: Program, *, limits: Collection[str], types: Mapping[str, ValueType] | None = None
) -> tuple[str, ...]:
    """Return what a run needs that only the engine has that runs everything, in words.

    Args:
        limits: the names of those that were asked for.
        types: of what crosses, by what it is.
    """
    found = ["limits.fuel"] if "fuel" in limits else []
    if not program.guarded:
        found.append('policy "open"')
    if program.reuse is not None:
        found.append("reusable")
    if program.image is not None:
        found.append("a guest image")
    found += [f"{what} of type {kind.text}" for what, kind in (types or {}).items() if _WORD.search(kind.text)]
    return tuple(found)


def _digest(program: Program) -> bytes:
    digest = hashlib.sha256(program.source.encode(errors="surrogatepass"))
    for function in program.functions:
        digest.update(f"\0{function.name}:{function.is_async:d}".encode())
    return digest.digest()
