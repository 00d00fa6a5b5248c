"""`flyte_map`: one function over the rows of several iterables, in parallel, with the results in order."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterable
from typing import Any, NamedTuple

from sandbox.engines.cpython.guest.turns import TURNS, program_line

_FEWEST = 2


class Results(list[Any]):
    """Results that code in an event loop may await as well: they are there already."""

    def __await__(self) -> Generator[Any, None, Any]:
        yield from ()
        return self


class _Asked(NamedTuple):
    name: str
    rows: Iterable[tuple[Any, ...]]
    concurrency: int
    keep_failures: bool


def make_map(functions: dict[str, Any], tasks: frozenset[str]) -> Callable[..., Any]:
    """Return what a program calls as `flyte_map`.

    Args:
        functions: the functions of the program, by name.
        tasks: those of them whose failures are results by default.
    """

    def flyte_map(*called: Any, **options: Any) -> Any:
        asked = _asked(called, options, functions, tasks)
        results = TURNS.call_all(
            asked.name,
            asked.rows,
            program_line(),
            concurrency=asked.concurrency,
            keep_failures=asked.keep_failures,
        )
        in_loop = asyncio.events._get_running_loop() is not None  # noqa: SLF001 - the public one raises
        return Results(results) if in_loop else results

    def aio(*called: Any, **options: Any) -> Coroutine[Any, Any, list[Any]]:
        # The line is that of the call: where it is awaited, no line of the program may be under way.
        return awaited(called, options, program_line())

    async def awaited(called: tuple[Any, ...], options: dict[str, Any], line: int) -> list[Any]:
        return await _awaited(_asked(called, options, functions, tasks), line)

    flyte_map.__qualname__ = "flyte_map"
    for one in (aio, awaited):
        one.__name__ = one.__qualname__ = "flyte_map.aio"
    flyte_map.__module__ = aio.__module__ = "functions"
    flyte_map.aio = aio  # type: ignore[attr-defined]
    return flyte_map


async def _awaited(asked: _Asked, line: int) -> list[Any]:
    slots = asyncio.Semaphore(asked.concurrency) if asked.concurrency else None

    async def one(row: tuple[Any, ...]) -> Any:
        if slots is None:
            return await TURNS.call_async(asked.name, row, {}, line)
        async with slots:
            return await TURNS.call_async(asked.name, row, {}, line)

    if asked.keep_failures:
        return await asyncio.gather(*[one(row) for row in asked.rows], return_exceptions=True)
    started = [asyncio.ensure_future(one(row)) for row in asked.rows]
    try:
        return await asyncio.gather(*started)
    finally:
        # After a failure the others are given up, as in plain code.
        for task in started:
            task.cancel()


def _asked(
    called: tuple[Any, ...], options: dict[str, Any], functions: dict[str, Any], tasks: frozenset[str]
) -> _Asked:
    if len(called) < _FEWEST:
        raise RuntimeError("flyte_map requires a function and at least one iterable: flyte_map('f', rows)")
    name = _name_of(called[0], functions)
    unknown = options.keys() - {"concurrency", "group_name", "return_exceptions"}
    if unknown:
        raise TypeError(f"flyte_map() got an unexpected keyword argument {min(unknown)!r}")
    concurrency, group = options.get("concurrency", 0), options.get("group_name")
    if type(concurrency) is not int or concurrency < 0:
        raise ValueError(f"flyte_map: concurrency must be a whole number of at least 0, not {concurrency!r}")
    if group is not None and not isinstance(group, str):
        raise TypeError(f"flyte_map: group_name must be a text, not {group!r}")
    kept = options.get("return_exceptions")
    return _Asked(name, zip(*called[1:], strict=False), concurrency, name in tasks if kept is None else bool(kept))


def _name_of(function: Any, functions: dict[str, Any]) -> str:
    for name, known in functions.items():
        if function is known:
            return name
    if not isinstance(function, str):
        kind = type(function).__name__
        raise RuntimeError(  # noqa: TRY004 - as Flyte does
            f"flyte_map: the first argument must be a function that was given, or its name, not {kind}"
        )
    if function not in functions:
        raise RuntimeError(f"flyte_map: there is no function {function!r}; functions: {', '.join(functions) or 'none'}")
    return str(function)
