"""Engine name -> engine; each is imported when it is first asked for."""

import importlib.util
import os
from collections.abc import Callable
from functools import partial

from sandbox.engine import CountingEngine
from sandbox.engines.saying import say_nothing
from sandbox.errors import EngineUnavailable, MisuseError

NAMES = ("cpython", "monty")
WHOLE = "cpython"
"""The engine that runs everything: what the others are compared with."""
AUTO = "auto"
"""Asks for the quickest engine that surely runs a program as `cpython` does."""
CHOICES = (*NAMES, AUTO)
WITHOUT_FUEL = frozenset({"monty"})
"""Engines that count no instructions: the limit does not hold there, and asking for it is refused."""
# The package that an engine needs and not every installation has; the extra that brings it has the engine's name.
_PACKAGES = {"monty": "pydantic_monty"}


def installed() -> tuple[str, ...]:
    """Return the engines whose packages are there."""
    return tuple(name for name in NAMES if _is_installed(name))


def check_choice(name: str) -> None:
    """Check that programs may ask for an engine here, or for `auto`.

    Raises:
        MisuseError: there is no engine of that name.
        EngineUnavailable: it is not installed.
    """
    if name not in CHOICES:
        raise MisuseError(f"there is no engine {name!r}; engines: {', '.join(CHOICES)}")
    if name != AUTO and not _is_installed(name):
        raise EngineUnavailable(f"the engine {name!r} is not installed: pip install 'isthmus[{name}]'")


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
        say: is told, a line at a time, about work that makes opening slow (compiling the guest: 6 s to a minute, once),
            and about what is missing or went wrong.

    Raises:
        MisuseError: there is no engine of that name.
        EngineUnavailable: it is not installed.
    """
    if name not in NAMES:
        raise MisuseError(f"there is no engine {name!r}; engines: {', '.join(NAMES)}")
    check_choice(name)
    if name == "monty":
        from sandbox.engines.monty.engine import MontyEngine

        return MontyEngine(workers=workers, require_walls=require_walls, say=say)
    from sandbox.engines.cpython.by_image import ImagesEngine
    from sandbox.engines.cpython.engine import CPythonEngine

    make = partial(CPythonEngine, require_walls=require_walls, say=say)
    of_images = workers or len(os.sched_getaffinity(0))
    return ImagesEngine(make(workers=workers), lambda image: make(workers=of_images, guest=image.guest()))


def _is_installed(name: str) -> bool:
    package = _PACKAGES.get(name)
    return package is None or importlib.util.find_spec(package) is not None
