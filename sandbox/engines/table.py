"""Engine name -> engine; each is imported when it is first asked for."""

from collections.abc import Callable

from sandbox.engine import CountingEngine
from sandbox.engines.saying import say_nothing
from sandbox.errors import EngineUnavailable, MisuseError

NAMES = ("cpython", "monty")


def make_engine(
    name: str = "cpython",
    *,
    workers: int | None = None,
    require_walls: bool = False,
    say: Callable[[str], None] = say_nothing,
) -> CountingEngine:
    """Return a new engine, not yet opened.

    Args:
        name: one of `NAMES`.
        workers: how many worker processes; default: two more than there are cores.
        require_walls: refuse to open where the kernel lacks a wall of the worker processes.
        say: is told, a line at a time, about work that makes opening slow (compiling the guest takes about 6 s, once),
            and about what is missing or went wrong.

    Raises:
        MisuseError: there is no engine of that name.
        EngineUnavailable: it is not installed.
    """
    if name == "cpython":
        from sandbox.engines.cpython.engine import CPythonEngine

        return CPythonEngine(workers=workers, require_walls=require_walls, say=say)
    if name == "monty":
        return _monty(workers, say)
    raise MisuseError(f"there is no engine {name!r}; engines: {', '.join(NAMES)}")


def _monty(workers: int | None, say: Callable[[str], None]) -> CountingEngine:
    try:
        from sandbox.engines.monty.engine import MontyEngine
    except ModuleNotFoundError as error:
        if error.name != "pydantic_monty":
            raise
        raise EngineUnavailable("the engine monty is not installed: pip install isthmus[monty]") from None
    return MontyEngine(workers=workers, say=say)
