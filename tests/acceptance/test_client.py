"""`api.client` against the real service: what a Python program gets that does not want to write HTTP."""

import asyncio
import socket
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from api.client import (
    AsyncClient,
    Client,
    NotFound,
    RequestInvalid,
    RunFailed,
    TooLarge,
    Unauthorized,
    Unreachable,
    Unsendable,
)
from tests.acceptance.serving import Serving, serving


def test_a_program_gives_its_value(service: Serving) -> None:
    """The main job in one line."""
    with Client(service.url) as client:
        run = client.orchestrate("add(x, 2)", inputs={"x": 40}, functions=["add"])

        assert (run.status, run.value()) == ("completed", 42)
        assert client.run(run.id) == run
        assert run.body["calls"][0]["arguments"] == {"x": 40, "y": 2}


def test_a_run_that_failed_raises_when_its_value_is_asked_for(service: Serving) -> None:
    """A failing program is an answer; asking for its value is where a caller cannot go on."""
    with Client(service.url) as client:
        run = client.orchestrate("rows = []\nrows[3]")

    assert run.error is not None
    assert (run.status, run.error.kind, run.error.traceback[0]["line"]) == ("failed", "runtime", 2)
    with pytest.raises(RunFailed, match=r"^IndexError: list index out of range") as raised:
        run.value()
    assert (raised.value.run_id, raised.value.kind, raised.value.type) == (run.id, "runtime", "IndexError")


def test_a_body_that_is_wrong_says_where(service: Serving) -> None:
    """All faults of a body in one error, each with its pointer."""
    with Client(service.url) as client, pytest.raises(RequestInvalid) as raised:
        client.orchestrate("1", functions=["no_such"], input_types={"x": "nonsense"})

    assert (raised.value.status, raised.value.code) == (422, "invalid-request")
    assert {one["pointer"] for one in raised.value.errors} >= {"/functions/0", "/input_types/x"}
    assert "/functions/0" in str(raised.value)


def test_an_unknown_run_is_not_found(service: Serving) -> None:
    """Whatever stands in the id, it stays one part of the path."""
    with Client(service.url) as client:
        # A slash that was escaped is one again in the path that the server matches.
        for odd, code in (("run_0", "run-not-kept"), ("../health/live", "not-found"), ("a b?c#d", "run-not-kept")):
            with pytest.raises(NotFound) as raised:
                client.run(odd)
            assert (raised.value.status, raised.value.code) == (404, code)


def test_a_wrong_key_is_unauthorized(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The key is sent as a bearer token."""
    with serving(tmp_path_factory.mktemp("keyed") / "log", ISTHMUS_API_KEY="secret-key") as keyed:
        with Client(keyed.url, key="secret-key") as client:
            assert client.orchestrate("6 * 7").value() == 42
        with Client(keyed.url, key="another") as client, pytest.raises(Unauthorized):
            client.orchestrate("6 * 7")


def test_a_service_that_is_not_there_is_unreachable() -> None:
    """An error of the client's own, which names the request, not one of the library below."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with Client(f"http://127.0.0.1:{port}") as client, pytest.raises(Unreachable, match=r"^POST /orchestrate"):
            client.orchestrate("1")


def test_the_prompt_and_the_whitelist_are_there_for_whoever_writes_programs(service: Serving) -> None:
    """What a model needs to know, from the running service."""
    with Client(service.url) as client:
        assert "def add(x: int, y: int = 1) -> int" in client.prompt(["add"])
        assert "add" in {one["name"] for one in client.functions()}


def ask(question: str, day: date | None = None) -> set[str]:
    """Answer for the caller."""
    if question == "why?":
        raise ValueError("nobody knows")
    return {question, str(day)}


async def later(number: int) -> Decimal:
    """Answer after a while."""
    await asyncio.sleep(0)
    return Decimal(number) / 4


def test_python_functions_of_the_caller_answer_a_run(service: Serving) -> None:
    """A conversation in one line: siblings together, typed for the functions, and what one raises is raised there."""
    source = """
import asyncio
try:
    await ask("why?")
except ValueError as error:
    reason = str(error)
names, quarter = await asyncio.gather(ask("who?", "2026-01-31"), later(3))
[reason, sorted(names), quarter, add(1, 2)]
"""
    with Client(service.url) as client:
        run = client.orchestrate(source, functions=["add"], answer_with=[ask, later])

    assert run.value() == ["nobody knows", ["2026-01-31", "who?"], "0.75", 3]


def test_a_run_that_waits_for_somebody_else_is_given_back(service: Serving) -> None:
    """Its caller answers what it can, and sees what is left; later it goes on with the rest."""
    source = "import asyncio\nawait asyncio.gather(later(2), other())"
    with Client(service.url) as client:
        run = client.orchestrate(source, client_functions=[{"name": "other"}], answer_with=[later])
        (left,) = run.pending_calls
        done = client.resume(run.id, [{"call_id": left.call_id, "output": "so"}])

    assert (run.status, left.function, left.kind) == ("suspended", "other", "client_function")
    assert done.value() == ["0.5", "so"]


def test_a_run_that_sleeps_is_led_on(service: Serving) -> None:
    """It is suspended, but waits for nobody: only the clock has to go on before it calls."""
    with Client(service.url) as client:
        run = client.orchestrate("import asyncio\nawait asyncio.sleep(5.1)\nawait later(2)", answer_with=[later])

    assert run.value() == "0.5"


def test_the_text_of_a_key_error_arrives_as_it_was_written(service: Serving) -> None:
    """`str` of it has quotes: they would be put on twice."""

    def price(sku: str) -> float:
        raise KeyError(sku)

    with Client(service.url) as client:
        run = client.orchestrate(
            "try:\n    price('MUG')\nexcept KeyError as error:\n    missing = error.args\nmissing", answer_with=[price]
        )

    assert run.value() == ["MUG"]


def test_two_functions_of_one_name_are_refused_before_anything_is_sent() -> None:
    """The second would never be called."""
    with Client("http://localhost:1") as client, pytest.raises(ValueError, match="two functions are called 'ask'"):
        client.orchestrate("1", answer_with=[ask, ask])


def test_the_events_of_a_program_come_one_after_the_other(service: Serving) -> None:
    """The last one has the run; from a number on it is the rest."""
    with Client(service.url) as client:
        events = list(client.stream("print('hi')\nadd(1, 2)", functions=["add"]))
        run = events[-1].run
        assert run is not None
        rest = list(client.events(run.id, after=events[2].id))

    assert [one.name for one in events] == [
        "run.queued", "run.started", "output.delta", "call.started", "call.completed", "run.completed",
    ]  # fmt: skip
    assert run.value() == 3
    assert rest == events[3:]


def test_a_failed_run_is_patched_and_forked(service: Serving) -> None:
    """Corrected, it does not call again what was called."""
    with Client(service.url) as client:
        run = client.orchestrate("a = add(1, 2)\na / 0", functions=["add"])
        seen = client.preview(run.id, "a = add(1, 2)\na * 2")
        patched = client.patch(run.id, "a = add(1, 2)\na * 2")
        durable = client.orchestrate("add(1, 2) * 2", functions=["add"], durable=True)
        forked = client.fork(durable.id, at_call="call_1", output=10, wait_seconds=20)

    assert [one["call_id"] for one in seen["reused"]] == ["call_1"]
    assert (patched.value(), forked.value()) == (6, 20)


def test_a_stream_that_is_refused_says_why(service: Serving) -> None:
    """As any other request."""
    with Client(service.url) as client, pytest.raises(RequestInvalid) as raised:
        list(client.stream("1", functions=["no_such"]))

    assert [one["pointer"] for one in raised.value.errors] == ["/functions/0"]


async def test_the_other_client_converses_too(service: Serving) -> None:
    """The same verbs, awaited."""
    async with AsyncClient(service.url) as client:
        run = await client.orchestrate("await later(6)", answer_with=[later])
        events = [one.name async for one in client.events(run.id)]
        check = await client.check("add(1)", functions=["add"])

    assert run.value() == "1.5"
    assert (events[0], events[-1]) == ("run.queued", "run.completed")
    assert check["functions_used"] == ["add"]


async def test_many_programs_run_at_once(service: Serving) -> None:
    """One client of asyncio serves all of them."""
    async with AsyncClient(service.url) as client:
        runs = await asyncio.gather(*(client.orchestrate("x * 2", inputs={"x": x}) for x in range(10)))

    assert [run.value() for run in runs] == [x * 2 for x in range(10)]


def test_a_fault_is_told_once(service: Serving) -> None:
    """The detail has the first one; whoever reads the error reads nothing twice."""
    with Client(service.url) as client, pytest.raises(RequestInvalid) as raised:
        client.orchestrate("1", functions=["ad"])

    assert str(raised.value).startswith(
        '422 invalid-request: /functions/0 function "ad" is not registered; did you mean'
    )
    assert str(raised.value).count("/functions/0") == 1


def test_a_function_in_place_of_a_list_is_refused(service: Serving) -> None:
    """Nothing is sent."""
    with Client(service.url) as client, pytest.raises(TypeError) as raised:
        client.orchestrate("1", answer_with=len)  # type: ignore[arg-type]  # what is refused

    assert str(raised.value) == "answer_with must be a list of functions: write answer_with=[...]"


def test_other_inputs_are_a_correction_too(service: Serving) -> None:
    """The source may be right; a patch that takes longer than its request is under way, as any run."""
    with Client(service.url) as client:
        run = client.orchestrate("add(1, 2)\n10 / x", functions=["add", "wait"], inputs={"x": 0})
        patched = client.patch(run.id, inputs={"x": 5})
        under_way = client.patch(run.id, "add(1, 2)\nawait wait(30)", wait_seconds=0)
        cancelled = client.cancel(under_way.id)

    assert (patched.value(), [one["call_id"] for one in patched.body["patch"]["reused"]]) == (2.0, ["call_1"])
    assert (under_way.status, under_way.is_under_way, cancelled.status) == ("running", True, "cancelled")


ASKING = "[await later(number), add(number)]"


def test_a_template_is_kept_read_run_and_forgotten(service: Serving) -> None:
    """By name, with functions of the caller's that answer its calls."""
    declared: Any = [{"name": "later", "parameters": {"type": "object", "properties": {"number": {"type": "integer"}}}}]
    with Client(service.url) as client:
        first = client.put_template("asking-client", "1", functions={"add"})
        kept = client.put_template("asking-client", ASKING, functions={"add"}, client_functions=declared,
                                   input_types={"number": "int"})  # fmt: skip
        run = client.run_template("asking-client", inputs={"number": 6}, answer_with=[later])
        old = client.run_template("asking-client", version=first["version"], idempotency_key="once")
        versions = [one["version"] for one in client.template_versions("asking-client")]
        current = client.template("asking-client")
        names = [one["name"] for one in client.templates()]
        client.delete_template("asking-client")
        with pytest.raises(NotFound):
            client.template("asking-client")

    assert (run.value(), old.value()) == (["1.5", 7], 1)
    assert sorted(versions) == sorted([first["version"], kept["version"]])
    assert (current["version"], "asking-client" in names) == (kept["version"], True)


async def test_the_other_client_keeps_templates_too(service: Serving) -> None:
    """The same verbs, awaited; what is wrong with a source is told with its place."""
    async with AsyncClient(service.url) as client:
        await client.put_template("awaited", "x + 1", input_types={"x": "int"})
        run = await client.run_template("awaited", inputs={"x": 1})
        durable = await client.orchestrate("add(1, 2) * 2", functions=["add"], durable=True)
        forked = await client.fork(durable.id, at_call="call_1", output=10)
        patched = await client.patch(durable.id, "add(1, 2) * 3")
        seen = await client.preview(durable.id, "add(1, 2) * 3")
        names = [one["name"] for one in await client.templates()]
        versions = await client.template_versions("awaited")
        await client.delete_template("awaited")
        with pytest.raises(RequestInvalid) as raised:
            await client.put_template("awaited", "1 +")

    assert (run.value(), forked.value(), patched.value(), seen["ends"]) == (2, 20, 9, True)
    assert ("awaited" in names, len(versions)) == (True, 1)
    assert [(one["line"], one["severity"]) for one in raised.value.diagnostics] == [(1, "error")]


def test_sets_and_dates_are_sent_as_arrays_and_text(service: Serving) -> None:
    """As they come back; a declared type makes them what they were."""
    inputs = {"names": {"b", "a"}, "day": date(2026, 1, 31), "price": Decimal("1.5")}
    types = {"names": "set[str]", "day": "date", "price": "Decimal"}
    with Client(service.url) as client:
        run = client.orchestrate("[sorted(names), day.year, price * 2]", inputs=inputs, input_types=types)

    assert run.value() == [["a", "b"], 2026, "3.0"]


def test_what_json_cannot_say_is_named_before_anything_is_sent() -> None:
    """With its path; not with the words of a library below."""
    with Client("http://localhost:1") as client, pytest.raises(Unsendable) as raised:
        client.orchestrate("1", inputs={"rows": [{"of": object()}]})

    assert str(raised.value).startswith("the request cannot be written as JSON: $.inputs.rows[0].of is ")
    assert isinstance(raised.value, TypeError)


def test_a_stream_answers_no_calls_and_says_so() -> None:
    """The argument of another verb, which would have been sent as a member of the submission."""
    with Client("http://localhost:1") as client, pytest.raises(TypeError) as raised:
        list(client.stream("1", answer_with=[ask]))  # type: ignore[call-arg]  # what is refused

    assert str(raised.value) == (
        "answer_with is for orchestrate() and run_template(), which answer the calls of a run; elsewhere declare "
        "client_functions, and answer with resume() or answer()"
    )


def test_a_body_that_is_too_large_has_an_error_of_its_own(service: Serving) -> None:
    """Whoever catches it sends less."""
    with Client(service.url) as client, pytest.raises(TooLarge, match="the body may have at most "):
        client.orchestrate("1", inputs={"text": "x" * 300_000})
