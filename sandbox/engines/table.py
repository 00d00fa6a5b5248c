"""Engine name -> engine; each is imported when it is first asked for."""

from sandbox.engine import Engine
from sandbox.errors import MisuseError

NAMES = ("cpython",)


def make_engine(name: str = "cpython", *, workers: int | None = None) -> Engine:
    """Return a new engine, not yet opened.

    Raises:
        MisuseError: there is no engine of that name.
        EngineUnavailable: it is not installed.
    """
    if name != "cpython":
        raise MisuseError(f"there is no engine {name!r}; engines: {', '.join(NAMES)}")
    from sandbox.engines.cpython.engine import CPythonEngine

    return CPythonEngine(workers=workers)
