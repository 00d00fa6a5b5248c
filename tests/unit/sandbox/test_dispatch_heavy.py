"""Calls with values that are heavy or hostile: the loop goes on, and the record of the call stays as it was."""

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.dispatch import ArgumentsRejected, HostFunction


async def called(call: Callable[..., Any], *args: Any) -> Any:
    """Bind and invoke."""
    function = HostFunction.of(call)
    return await function.invoke(function.bind(args, {}))


def places(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[bool]]:
    """Note for each conversion of arguments and results whether it was done on the loop's thread."""
    noted: dict[str, set[bool]] = {"_bound": set(), "_result": set()}
    main = threading.current_thread()

    def note(name: str) -> None:
        original = getattr(HostFunction, name)

        def noting(self: HostFunction, given: Any) -> Any:
            noted[name].add(threading.current_thread() is main)
            return original(self, given)

        monkeypatch.setattr(HostFunction, name, noting)

    for name in noted:
        note(name)
    return noted


async def echo_async(rows: list[int]) -> list[int]:
    """Return what it is given."""
    return rows


def echo(rows: list[int]) -> list[int]:
    """Return what it is given."""
    return rows


@pytest.mark.parametrize("call", [echo, echo_async])
async def test_heavy_values_are_converted_off_the_loop(
    monkeypatch: pytest.MonkeyPatch, call: Callable[..., Any]
) -> None:
    """The loop serves everybody else meanwhile."""
    noted = places(monkeypatch)

    assert await called(call, [0] * 10_000) == [0] * 10_000
    assert noted == {"_bound": {False}, "_result": {False}}


async def test_light_values_are_converted_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread costs more than they do."""
    noted = places(monkeypatch)

    assert await called(echo_async, [0]) == [0]
    assert noted == {"_bound": {True}, "_result": {True}}


@dataclasses.dataclass
class Report:
    """A record with a lot in it."""

    rows: list[int]


async def test_what_is_heavy_inside_a_record_is_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The record itself is one object."""
    noted = places(monkeypatch)

    async def full() -> Report:
        return Report([0] * 10_000)

    assert await called(full) == {"rows": [0] * 10_000}
    assert noted["_result"] == {False}


async def test_a_function_gets_copies_of_its_own_all_the_way_down() -> None:
    """The record of the call stays as it was, whatever the function does to what it got."""
    given = {"a": [{"b": ([1], {2})}]}

    def spoil(value: Any) -> None:
        value["a"][0]["b"][0].append(9)
        value["a"][0]["b"][1].add(9)
        value["a"].append(9)

    function = HostFunction.of(spoil)
    arguments = function.bind((given,), {})
    await function.invoke(arguments)

    assert arguments == {"value": {"a": [{"b": ([1], {2})}]}}


async def test_a_record_that_cannot_be_made_ends_nothing() -> None:
    """What a class of the host does when it is made is the function's doing."""

    @dataclasses.dataclass
    class Leaving:
        x: int

        def __post_init__(self) -> None:
            raise SystemExit(3)

    def leave(one: Any) -> None:
        """Never called."""

    leave.__annotations__["one"] = Leaving
    with pytest.raises(RuntimeError, match=r"^leave\(\) tried to end the process$"):
        await called(leave, {"x": 1})


def test_a_key_too_long_to_be_written_is_a_failure_of_the_call() -> None:
    """Python does not write numbers of more than 4,300 digits."""

    def tags(tags: dict[str, int]) -> None:
        """Take names."""

    with pytest.raises(ArgumentsRejected) as rejected:
        HostFunction.of(tags).bind(({10**5000: 1},), {})

    message = "tags() argument tags has the key an int of 16610 bits, which is an int, not str"
    assert rejected.value.failure.message == message
