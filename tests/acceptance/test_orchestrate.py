"""POST /orchestrate of the real service: programs that end well, programs that fail, and what their callers see."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.limits import Limits
from sandbox.policy import NOTES
from sandbox.values import BOUNDS as FIXED
from tests.acceptance.serving import Serving, serving

RUN_FIELDS = {
    "id", "status", "output", "error", "stdout", "stdout_truncated", "pending_calls", "calls", "usage", "limits",
    "cached", "engine", "engine_version", "links", "report", "template", "policy", "notes",
    "seed", "created_at", "started_at", "finished_at", "expires_at", "metadata", "patch",
    "attempts",
}  # fmt: skip
PARALLEL = """
import asyncio
await asyncio.gather(*(wait(0.1) for _ in range(10)))
"""


def post(client: httpx.Client, **body: Any) -> dict[str, Any]:
    """Submit a program and return the run."""
    response = client.post("/orchestrate", json=body)
    assert response.status_code == 200, response.text
    run: dict[str, Any] = response.json()
    return run


def test_a_program_gives_the_value_of_its_last_expression(client: httpx.Client) -> None:
    """The main job, and the whole answer."""
    run = post(
        client, source="print('hi')\nadd(x, 2)", inputs={"x": 1}, functions=["add"], seed=7, metadata={"team": "a"}
    )

    assert set(run) == RUN_FIELDS
    assert re.fullmatch("run_[0-9A-HJKMNP-TV-Z]{26}", run["id"])
    assert (run["status"], run["output"], run["error"], run["stdout"]) == ("completed", 3, None, "hi\n")
    assert (run["policy"], run["notes"]) == ("guarded", [])
    assert (run["seed"], run["metadata"], run["pending_calls"], run["expires_at"]) == (7, {"team": "a"}, [], None)
    assert run["template"]["name"] == "sandboxed-code"
    assert run["template"]["version"].startswith("sha256:")
    assert run["usage"]["calls"] == 1
    assert run["usage"]["output_bytes"] == 3
    assert run["usage"]["fuel"] > 0
    (call,) = run["calls"]
    assert call.pop("duration_ms") >= 0
    assert call == {
        "call_id": "call_1", "function": "add", "arguments": {"x": 1, "y": 2}, "status": "settled", "output": 3,
        "error": None, "line": 2, "attempts": 1,
    }  # fmt: skip


def test_code_is_another_name_for_source(client: httpx.Client) -> None:
    """Callers of similar services write `code`."""
    assert post(client, code="1 + 1")["output"] == 2


def test_what_was_done_for_a_program_stands_in_the_answer(client: httpx.Client) -> None:
    """Of the text and of the compile step, by line, and still there when the run is read again."""
    run = post(client, source="Sure:\n```python\nfor n in [1, 2]:\n    return add(n, 1)\n```", functions=["add"])

    assert (run["status"], run["output"], run["calls"][0]["line"]) == ("completed", 2, 4)
    assert run["notes"] == [
        {"code": "prose-removed", "line": 1, "message": NOTES["prose-removed"]},
        {"code": "fence-removed", "line": 2, "message": NOTES["fence-removed"]},
        {"code": "return-at-top", "line": 4, "message": NOTES["return-at-top"]},
    ]
    assert client.get(f"/runs/{run['id']}").json()["notes"] == run["notes"]


def test_a_program_that_gave_nothing_is_told_why(client: httpx.Client) -> None:
    """An answer of null is no help to whoever forgot the last line."""
    run = post(client, source="total = add(1, 2)\nprint(total)", functions=["add"])

    assert (run["output"], run["stdout"]) == (None, "3\n")
    assert run["notes"] == [{"code": "last-prints", "line": 2, "message": NOTES["last-prints"]}]


def test_the_open_policy_needs_the_operators_leave(client: httpx.Client, tmp_path: Path) -> None:
    """Refused with the reason; where it is allowed, the answer says under which policy the program ran."""
    body = {"source": "import sys\n().__class__.__name__ + sys.platform", "policy": "open"}

    refused = client.post("/orchestrate", json=body)
    with serving(tmp_path / "log", ISTHMUS_ALLOW_OPEN_POLICY="true") as other:
        allowed = httpx.post(f"{other.url}/orchestrate", json=body, timeout=60).json()
        guarded = httpx.post(f"{other.url}/orchestrate", json={**body, "policy": "guarded"}, timeout=60).json()

    assert refused.status_code == 403
    assert refused.json() == {
        "type": "/problems/policy-not-allowed",
        "title": "The policy is not allowed here",
        "status": 403,
        "detail": 'policy "open" is not allowed here: only an operator who sets ISTHMUS_ALLOW_OPEN_POLICY lets '
        "programs run without the language policy; leave it out",
        "code": "policy-not-allowed",
    }
    assert (allowed["status"], allowed["output"], allowed["policy"]) == ("completed", "tuplewasi", "open")
    assert (guarded["error"]["kind"], guarded["policy"]) == ("policy", "guarded")
    assert allowed["template"]["version"] != guarded["template"]["version"]


def test_ten_calls_in_parallel_take_as_long_as_one(client: httpx.Client) -> None:
    """Orchestration is worth nothing when its calls queue behind each other."""
    run = post(client, source=PARALLEL, functions=["wait"])

    assert run["output"] == ["waited"] * 10
    assert run["usage"]["wall_ms"] < 600


def test_inputs_cross_by_their_declared_type(client: httpx.Client) -> None:
    """Bytes, sets and times have no JSON of their own."""
    run = post(
        client,
        source="[content.decode(), sorted(tags), type(when).__name__, type(ratio).__name__]",
        inputs={"content": "aGVsbG8=", "tags": ["b", "a"], "when": "2026-01-31T12:00:00Z", "ratio": 1},
        input_types={"content": "bytes", "tags": "set[str]", "when": "datetime", "ratio": "float"},
    )

    assert run["output"] == ["hello", ["a", "b"], "datetime", "float"]


def test_the_value_is_checked_against_the_declared_type(client: httpx.Client) -> None:
    """A caller that asked for an int gets one, or an error that says so."""
    run = post(client, source="'seven'", output="int")

    assert (run["status"], run["output"], run["error"]["kind"]) == ("failed", None, "type")


def test_a_value_that_json_cannot_carry_names_its_place(client: httpx.Client) -> None:
    """NaN would be read as an error by strict parsers, or as a word by others."""
    run = post(client, source="{'rows': [1.0, float('nan')]}")

    assert run["status"] == "failed"
    assert run["error"]["kind"] == "type"
    assert "$.rows[1]" in run["error"]["message"]


def test_large_integers_are_quoted_on_request(client: httpx.Client) -> None:
    """JavaScript rounds what is over 2**53."""
    body = {"source": "echo([2**60, 5])", "functions": ["echo"]}
    plain = client.post("/orchestrate", json=body).json()
    quoted = client.post("/orchestrate?bigint=string", json=body).json()

    assert plain["output"] == [2**60, 5]
    assert quoted["output"] == [str(2**60), 5]
    assert quoted["calls"][0]["arguments"] == {"value": [str(2**60), 5]}


def test_seed_and_time_are_what_the_caller_says(client: httpx.Client) -> None:
    """A run can be repeated exactly."""
    source = "import random, datetime\n[random.random(), datetime.datetime.now(datetime.UTC).isoformat()[:16]]"
    body = {"source": source, "seed": 3, "now": "2026-01-31T13:00:00+01:00"}
    first, second = post(client, **body), post(client, **body)

    assert first["output"] == second["output"]
    assert first["output"][1] == "2026-01-31T12:00"


def test_a_default_seed_is_random_and_fits_a_double(client: httpx.Client) -> None:
    """It comes back in JSON, where larger numbers are rounded."""
    seeds = {post(client, source="1")["seed"] for _ in range(3)}

    assert len(seeds) == 3
    assert all(0 <= seed < 2**53 for seed in seeds)


def test_every_limit_is_echoed(client: httpx.Client) -> None:
    """Those that were asked for, and those that hold by default."""
    asked = {
        "fuel": 10**9, "cpu_seconds": 1.5, "wall_seconds": 2.5, "memory_bytes": 50 * 2**20, "output_bytes": 999,
        "value_bytes": 998, "source_bytes": 997, "calls": 7, "concurrent_calls": 3,
    }  # fmt: skip

    assert post(client, source="1", limits=asked)["limits"] == {**asked, **FIXED}
    assert list(asked) == list(Limits().as_dict())
    assert post(client, source="1")["limits"] == {**Limits().as_dict(), **FIXED}


def test_echoed_limits_can_be_sent_back(client: httpx.Client) -> None:
    """Whoever runs a program again as it was run copies what the answer shows."""
    shown = post(client, source="1")["limits"]

    assert post(client, source="1", limits=shown)["limits"] == shown


def test_limits_are_taken_and_echoed(client: httpx.Client) -> None:
    """Whoever reads an answer must see what bounded it."""
    run = post(client, source="while True: pass", limits={"fuel": 100_000_000})

    assert run["limits"]["fuel"] == 100_000_000
    assert run["limits"]["wall_seconds"] == 30
    assert (run["status"], run["error"]["kind"]) == ("failed", "limit")
    assert "fuel" in run["error"]["message"]


@pytest.mark.parametrize(
    ("source", "kind", "type_name"),
    [
        ("def f(:\n  pass", "syntax", "SyntaxError"),
        ("import socket", "policy", "PolicyViolation"),
        ("adress", "runtime", "NameError"),
        ("x = 1\nx / 0", "runtime", "ZeroDivisionError"),
        ("fail('no')", "function", "ConnectionRefused"),
        ("add('one')", "function", "TypeError"),
        ("add(1, 2, 3)", "function", "TypeError"),
        ("print('a' * 10**9)", "limit", None),
        ("x = [0] * 10**9", "limit", "LimitExceeded"),
        ("-" * 100_000 + "1", "syntax", None),
        ("x" * 0 + "# " + "a" * 150_000, None, None),
    ],
)
def test_a_program_that_fails_is_an_answer(
    client: httpx.Client, source: str, kind: str | None, type_name: str | None
) -> None:
    """The request was right: the caller, often a model, gets what it needs to repair the program."""
    run = post(client, source=source, functions=["add", "fail"])

    error = run["error"] or {"kind": None, "type": None}
    assert error["kind"] == kind
    assert type_name in (None, error["type"])
    assert run["status"] == ("failed" if kind else "completed")
    assert "/site-packages" not in str(run)
    assert "tests/acceptance" not in str(run)


def test_source_over_its_limit_is_a_failed_run(client: httpx.Client) -> None:
    """The body fits, so the request is right; the limit is the run's."""
    run = post(client, source="#" * 2_000 + "\n1", limits={"source_bytes": 1_000})

    assert (run["status"], run["error"]["kind"]) == ("failed", "limit")
    assert "source_bytes" in run["error"]["message"]


def test_a_call_whose_argument_json_cannot_carry_is_shown_all_the_same(client: httpx.Client) -> None:
    """Between guest and function more can cross than in JSON; the answer must not fail for it."""
    run = post(client, source="len(echo({1: 'a'}))", functions=["echo"])

    assert (run["status"], run["output"]) == ("completed", 1)
    assert "$not_json" in run["calls"][0]["arguments"]["value"]


def test_no_more_than_a_hundred_calls_are_shown(client: httpx.Client) -> None:
    """An answer has a bounded length."""
    run = post(client, source="for n in range(150):\n    add(n)", functions=["add"])

    assert len(run["calls"]) == 100
    assert run["usage"]["calls"] == 150


def test_large_outcomes_of_calls_do_not_multiply_the_answer(client: httpx.Client) -> None:
    """A hundred calls of ten megabytes each would otherwise be a gigabyte of JSON."""
    source = "for n in range(10):\n    echo('a' * 1_000_000)"
    run = post(client, source=source, functions=["echo"], limits={"value_bytes": 2_000_000})

    assert run["usage"]["calls"] == 10
    assert len(run["calls"]) < 3


def test_a_finished_run_can_be_read_again(client: httpx.Client) -> None:
    """An answer that was lost on its way is not lost."""
    run = post(client, source="[1, 2]")

    assert client.get(f"/runs/{run['id']}").json() == run


def test_two_hundred_requests_at_once_are_all_answered(service: Serving) -> None:
    """By default nobody is turned away at this number, and whoever comes next is answered, too."""

    async def burst() -> list[int]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=service.url, timeout=60, limits=limits) as client:
            body = {"source": "x * 2", "inputs": {"x": 21}}
            answers = await asyncio.gather(*(client.post("/orchestrate", json=body) for _ in range(200)))
            return [answer.json()["output"] for answer in answers if answer.status_code == 200]

    assert asyncio.run(burst()) == [42] * 200

    with httpx.Client(base_url=service.url, timeout=60) as client:
        assert post(client, source="1")["output"] == 1


def test_a_function_that_the_submission_does_not_name_is_told(client: httpx.Client) -> None:
    """Nothing in the program is wrong, so its author would look in vain."""
    error = post(client, source="add(1, 2)")["error"]

    assert (error["type"], error["hint"]) == (
        "NameError", '"add" is registered, but the submission does not name it: submit it with "add" in `functions`',
    )  # fmt: skip
