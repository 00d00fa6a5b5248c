"""What is particular to `monty`: what it cannot carry is refused by name, and programs that wait hold no worker."""

import asyncio
import datetime
import uuid
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.engine import Engine
from sandbox.engines.table import make_engine
from sandbox.handles import File
from sandbox.limits import Limits
from sandbox.turns import Call, ErrorReport, Failure, Frame, Outcome, Program, Raised, Reuse
from sandbox.values import encode
from tests.conformance.test_values_any import VALUES, shown
from tests.play import NOW, play_on, run

CARRIED = [
    None,
    True,
    -(10**60),
    1.5,
    float("-inf"),
    "Zoë",
    b"\x00\xff",
    [1, [2]],
    (1, (2,)),
    {1, 2},
    frozenset({"a"}),
    {"a": 1, (1, 2): 2, None: 3},
    Decimal("1.10"),
    datetime.date(2026, 1, 2),
    datetime.time(1, 2, 3),
    datetime.timedelta(days=1, microseconds=5),
    datetime.datetime(2026, 1, 2, 3, 4, 5, 6),  # noqa: DTZ001 - a naive one is a value, too
    datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
]
OTHER = 'choose engine="cpython"'
NO_VALUES = [
    ("lambda: 1", "the value is \"<function '<lambda>' at 0x"),
    ("import math\n[math]", "$[0] is \"<module 'math'>\": it stands for what has no value outside of the program"),
    ("class A:\n    pass\n[A]", "$[0] is \"<class 'A'>\": it stands for what has no value outside of the program"),
    ("import functools\nfunctools.partial(len)", "the value is 'functools.partial("),
    ("import hashlib\nhashlib.sha256()", "the value is '<sha256 _hashlib.HASH object @ 0x"),
    ("import decimal\ndecimal.getcontext()", "the value is 'Context(prec=28, "),
    ("range(3)", "the value is 'range(0, 3)': it stands for what has no value outside of the program"),
    ("{}.keys()", "the value is 'dict_keys([])': it stands for what has no value outside of the program"),
    ("rows = []\nrows.append(rows)\nrows", "$[0] is '[...]': it stands for what has no value outside of the program"),
    ("class A:\n    pass\nA()", "the value is an object of the program, which cannot cross"),
    ("async def f():\n    pass\nf()", "the value is '<coroutine object f>': it stands for what has no value"),
]
MIXED = """
found = []
for kind in ["ValueError", "KeyError", "QuotaError", "ConnectionError"]:
    try:
        f(kind)
    except ValueError as error:
        found.append(f"value: {error}")
    except Exception as error:
        found.append(f"{type(error).__name__}: {error}")
found
"""


@pytest.fixture
async def monty() -> AsyncIterator[Engine]:
    """The engine, opened, with one worker."""
    opened = make_engine("monty", workers=1)
    await opened.open()
    yield opened
    await opened.close()


def is_carried(value: Any) -> bool:
    """Say whether the engine has a type for all of a value."""
    text = encode(value)
    return '{"$uuid":' not in text and ",1]}" not in text


def fail(call: Call) -> Outcome:
    """Answer every call with a failure of the type that it names."""
    (kind,) = call.args
    return Outcome(number=call.number, failure=Failure(type=kind, message=f"no {kind}", arguments=(f"no {kind}",)))


@pytest.mark.parametrize("value", CARRIED, ids=lambda value: type(value).__name__)
async def test_a_value_comes_back_as_it_went_in(monty: Engine, value: Any) -> None:
    """As an input, as an argument, as an outcome and as the program's value; its type stays."""
    played = await play_on(monty, "[given, f(given)]", {"given": value}, sync=["f"])

    assert repr(played.value) == repr([value, value])
    assert repr(played.calls[0].args) == repr((value,))


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (uuid.UUID(int=1), "a UUID"),
        ([File("s3://a")], "a File, Dir or DataFrame"),
        ({"at": datetime.time(1, fold=1)}, "a time with fold=1"),
    ],
)
async def test_an_input_that_it_has_no_type_for_is_refused(monty: Engine, value: Any, name: str) -> None:
    """Turned into something else, it would be wrong without a word."""
    played = await play_on(monty, "given", {"given": value})

    reason = f"is, or holds, {name}, which the engine monty has not; {OTHER}"
    assert played.end == Raised(
        error=ErrorReport(
            kind="type",
            type="ValueRejected",
            message=f"the input given cannot be passed: the value {reason}",
            hint=reason,
        ),
        spent=played.end.spent,
    )


async def test_an_outcome_that_it_has_no_type_for_fails_its_call(monty: Engine) -> None:
    """The program can catch it, as any failure."""
    played = await play_on(
        monty, "f()", sync=["f"], answer=lambda call: Outcome(number=call.number, value=uuid.UUID(int=1))
    )

    message = f"the value is, or holds, a UUID, which the engine monty has not; {OTHER}"
    assert (played.error.kind, played.error.type, played.error.message) == ("function", "ValueError", message)


@pytest.mark.parametrize(("source", "message"), NO_VALUES)
async def test_what_is_no_value_outside_is_refused(monty: Engine, source: str, message: str) -> None:
    """The interpreter gives the text that `repr` makes of it, which nobody asked for."""
    error = (await play_on(monty, source)).error

    assert (error.kind, error.type) == ("type", "ValueRejected")
    assert error.message.startswith(f"the value cannot be returned: {message}")


async def test_the_text_of_a_built_in_type_is_a_text(monty: Engine) -> None:
    """Programs show what something is."""
    assert (await play_on(monty, "[str(type(1)), f'{ValueError}']")).value == ["<class 'int'>", "<class 'ValueError'>"]


async def test_failures_keep_their_type_or_get_the_nearest(monty: Engine) -> None:
    """A built-in one that it lacks is one above it; others are exceptions that say their type."""
    played = await play_on(monty, MIXED, sync=["f"], answer=fail)

    assert played.value == [
        "value: no ValueError",
        "KeyError: 'no KeyError'",
        "Exception: QuotaError: no QuotaError",
        "OSError: no ConnectionError",
    ]


@pytest.mark.parametrize("kind", ["ValueError", "QuotaError", "ConnectionError"])
async def test_an_uncaught_failure_is_told_with_its_own_type(monty: Engine, kind: str) -> None:
    """Whatever carried it through the program."""
    error = (await play_on(monty, "1\nf(kind)", {"kind": kind}, sync=["f"], answer=fail)).error

    assert (error.kind, error.type, error.message) == ("function", kind, f"no {kind}")
    assert error.traceback == (Frame(line=2, column=1, function="<module>", source="f(kind)"),)


async def test_functions_can_be_passed_on_and_have_aio(monty: Engine) -> None:
    """As on the other engine."""
    played = await play_on(monty, "g = f\n[g(1), await f.aio(2), await g.aio(3)]", sync=["f"])

    assert played.value == [1, 2, 3]


async def test_a_large_outcome_arrives(monty: Engine) -> None:
    """Its frame comes in many parts."""
    large = ["a" * 1000] * 5_000

    played = await play_on(monty, "len(f())", sync=["f"], answer=lambda call: Outcome(number=call.number, value=large))

    assert played.value == 5_000


async def test_programs_that_wait_hold_no_worker(monty: Engine) -> None:
    """More of them than there are workers wait for one another: each has to give way to the next."""
    barrier = asyncio.Barrier(5)

    async def meet(n: int) -> int:
        await barrier.wait()
        return n

    results = await asyncio.gather(*(run(monty, "print(n)\nmeet(n)", meet, inputs={"n": n}) for n in range(5)))

    assert [(one.value, one.output) for one in results] == [(n, f"{n}\n") for n in range(5)]


async def test_a_turn_that_is_cut_off_tells_what_it_printed(monty: Engine) -> None:
    """Where a program hangs is best seen by what it said before."""
    execution = monty.execution(
        Program(source="print('on')\nwhile True:\n    pass"), limits=Limits(cpu_seconds=60), seed=1
    )
    turn = asyncio.create_task(execution.start({}, now=NOW))
    await asyncio.wait([turn], timeout=0.3)

    cut = await execution.stop()

    assert cut is not None
    assert cut.output == "on\n"
    assert 0 < cut.spent.cpu_seconds < 60
    assert (await play_on(monty, "1 + 1")).value == 2


async def test_a_reusable_program_is_refused(monty: Engine) -> None:
    """Nothing is kept between two runs."""
    reuse = Reuse(owner="a", fewest=0, most=1, idle_seconds=1.0, scaledown_seconds=1.0)

    ended = await monty.execution(Program(source="1", reuse=reuse), limits=Limits(), seed=1).start({}, now=NOW)

    assert ended == Raised(
        error=ErrorReport(
            kind="policy",
            type="NotSupported",
            message="the engine monty keeps nothing between two runs, so that a program cannot be reusable there",
            hint=f"leave reusable out, or {OTHER}",
        )
    )


async def test_usage_says_nothing_of_what_is_not_counted(monty: Engine) -> None:
    """Nought would be a lie."""
    usage = (await run(monty, "sum(range(1000))")).usage

    assert (usage.fuel, usage.memory_bytes) == (None, None)
    assert usage.cpu_seconds > 0


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(values=st.lists(VALUES.filter(is_carried), min_size=8, max_size=24))
async def test_any_value_comes_back_as_it_went_in(monty: Engine, values: list[Any]) -> None:
    """Of every kind that it has, in containers of every kind."""
    played = await play_on(monty, "[given, f(given)]", {"given": values}, sync=["f"])

    assert [*map(shown, played.value)] == [shown(values)] * 2
