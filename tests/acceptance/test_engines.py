"""Which engine runs a program: asked for over HTTP, on the command line, in the settings; told in every answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import run_command, serving

ASK = {
    "name": "ask",
    "parameters": {"type": "object", "properties": {"question": {"type": "string"}}, "required": ["question"]},
    "returns": {"type": "string"},
}
# A class that inherits is what the engine monty does not run.
INHERITS = "class A(Exception):\n    pass\nadd(1, 2)"
HINT = 'choose engine="cpython"'


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that holds no interpreter for a run that waits: every answer finds it in the database."""
    with serving(tmp_path_factory.mktemp("engines") / "log", ISTHMUS_HOLD_SECONDS="0") as started:
        yield started.url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=url, timeout=60) as opened:
        yield opened


def post(client: httpx.Client, source: str, **more: Any) -> dict[str, Any]:
    """Run a program."""
    answer = client.post("/orchestrate", json={"source": source, "functions": ["add"], **more})
    assert answer.status_code == 200, answer.text
    run: dict[str, Any] = answer.json()
    return run


@pytest.mark.parametrize("engine", ["cpython", "monty"])
def test_the_engine_that_is_named_runs_the_program_and_is_told(client: httpx.Client, engine: str) -> None:
    """The answer says what ran it, so that the same can be run again."""
    run = post(client, "x * add(1, 2)", inputs={"x": 14}, engine=engine)

    assert (run["output"], run["engine"], run["usage"]["calls"]) == (42, engine, 1)
    assert (run["limits"]["fuel"] is None, run["usage"]["fuel"] is None) == (engine == "monty",) * 2
    assert run["engine_version"]
    assert client.get(f"/runs/{run['id']}").json()["engine"] == engine


@pytest.mark.parametrize("engine", ["cpython", "monty"])
def test_what_an_engine_does_not_count_is_not_nothing_once_it_is_kept(client: httpx.Client, engine: str) -> None:
    """A run that is read back from the database says of its usage what its answer said."""
    run = post(client, "add(1, 2)", engine=engine, durable=True)

    assert client.get(f"/runs/{run['id']}").json()["usage"] == run["usage"]


@pytest.mark.parametrize(
    ("source", "more", "engine"),
    [
        ("x * 2", {}, "monty"),
        (INHERITS, {}, "cpython"),
        ("import statistics\nx", {}, "cpython"),
        ("x * 2", {"limits": {"fuel": 1_000_000_000}}, "cpython"),
        ("x * 2", {"input_types": {"x": "int"}}, "monty"),
        ("1", {"inputs": {}, "input_types": {"u": "UUID"}}, None),
    ],
)
def test_auto_takes_the_quick_engine_for_what_it_surely_runs(
    client: httpx.Client, source: str, more: dict[str, Any], engine: str | None
) -> None:
    """And the other one for all the rest, also for a limit that the quick one has not."""
    if engine is None:
        more, engine = (
            {"inputs": {"u": "12345678-1234-5678-1234-567812345678"}, "input_types": {"u": "UUID"}},
            "cpython",
        )
    run = post(client, source, **{"inputs": {"x": 1}, **more}, engine="auto")

    assert (run["status"], run["engine"]) == ("completed", engine)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (f"add(1, 1)\n{INHERITS}", 2),
        ("add(1, 1)\nimport statistics", 2),
        ("add(1, 1)\nif add(1, 2):\n    print(vars())", 3),
    ],
)
def test_what_the_engine_lacks_is_refused_before_the_first_call(client: httpx.Client, source: str, line: int) -> None:
    """A program that fails after it has written something cannot be sent again to the other engine."""
    run = post(client, source, engine="monty")

    assert (run["status"], run["error"]["kind"], run["error"]["hint"]) == ("failed", "policy", HINT)
    assert (run["error"]["traceback"][0]["line"], run["calls"], run["stdout"]) == (line, [], "")


def test_an_engine_that_there_is_not_is_refused_with_those_that_there_are(client: httpx.Client) -> None:
    """Whoever mistyped it need not look it up."""
    known = 'engines of this service: "cpython", "monty", "auto"'
    answer = client.post("/orchestrate", json={"source": "1", "engine": "pypy"})
    asked = client.get("/prompt", params={"engine": "pypy"})

    assert (answer.status_code, answer.json()["errors"]) == (
        422, [{"pointer": "/engine", "message": f"is not available; {known}"}],
    )  # fmt: skip
    assert (asked.status_code, asked.json()["errors"][0]["message"]) == (422, f"is not available; {known}")


def test_a_limit_that_the_engine_lacks_is_refused_never_ignored(client: httpx.Client) -> None:
    """A caller who bounds the instructions of a program relies on it."""
    answer = client.post("/orchestrate", json={"source": "1", "engine": "monty", "limits": {"fuel": 1_000_000}})

    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [
            {
                "pointer": "/engine",
                "message": '"monty" does not have limits.fuel: leave that out, or ask for "cpython"',
            }
        ],
    )


def test_the_limits_of_an_answer_can_be_sent_back(client: httpx.Client) -> None:
    """Also those of an engine that has not all of them."""
    first = post(client, "1 + 1", engine="monty")
    again = post(client, "1 + 1", engine="monty", limits=first["limits"])

    assert (again["output"], again["limits"]) == (2, first["limits"])


def test_a_run_that_waits_goes_on_with_its_engine(client: httpx.Client) -> None:
    """Its journal is that engine's; the interpreter it had has gone since."""
    source = "print('once')\ntotal = add(1, 2)\nname = ask('who?')\n[name, total]"
    run = post(client, source, engine="auto", client_functions=[{**ASK, "async": False}])
    (pending,) = run["pending_calls"]
    results = [{"call_id": pending["call_id"], "output": "Ada"}]
    done = client.post(f"/runs/{run['id']}/resume", json={"results": results}).json()

    assert (run["status"], run["engine"]) == ("suspended", "monty")
    assert (done["status"], done["output"], done["engine"], done["stdout"]) == (
        "completed",
        ["Ada", 3],
        "monty",
        "once\n",
    )
    journal = client.get(f"/runs/{run['id']}/journal").text
    assert json.loads(journal.split("\n")[0])["engine"] == "monty"


def test_a_patched_run_goes_on_with_its_engine_or_says_why_not(client: httpx.Client) -> None:
    """A call that was made is not made again, whichever engine runs what was corrected."""
    failed = {one: post(client, "add(1, 1)\n1 / 0", engine=one, durable=True) for one in ("monty", "auto", "cpython")}
    patched = {
        one: client.post(f"/runs/{run['id']}/patch", json={"source": f"add(1, 1)\n{INHERITS}"}).json()
        for one, run in failed.items()
    }
    plain, same = (
        client.post(f"/runs/{failed[one]['id']}/patch", json={"source": "add(1, 1)\n7"}).json()
        for one in ("monty", "auto")
    )

    assert [run["engine"] for run in failed.values()] == ["monty", "monty", "cpython"]
    for run in (plain, same):
        assert (run["engine"], run["output"], len(run["patch"]["reused"])) == ("monty", 7, 1)
    assert (patched["monty"]["status"], patched["monty"]["error"]["hint"]) == ("failed", HINT)
    for one in ("auto", "cpython"):
        run = patched[one]
        assert (run["engine"], run["output"], len(run["patch"]["reused"])) == ("cpython", 3, 1)


def test_a_check_says_what_the_engine_would_refuse(client: httpx.Client) -> None:
    """Before anybody runs it."""
    body = {"source": "import statistics\nstatistics.mean([1, 2])"}
    monty = client.post("/check", json={**body, "engine": "monty"}).json()
    auto = client.post("/check", json={**body, "engine": "auto"}).json()

    assert auto == {**auto, "ok": True, "diagnostics": []}
    assert [(one["code"], one["line"], one["message"], one["hint"]) for one in monty["diagnostics"]] == [
        ("not-in-engine", 1, "the engine monty has no module statistics", HINT)
    ]


@pytest.mark.parametrize(
    ("source", "lacking"),
    [
        ("class A(dict):\n    pass\nA()", "class inheritance"),
        ("x = 1\ndef f():\n    yield 1\nlist(f())", "yield expressions"),
        ("x = {}\ndel x", "the 'del' statement"),
    ],
)
def test_what_the_parser_of_an_engine_refuses_has_a_place(client: httpx.Client, source: str, lacking: str) -> None:
    """As all that is lacking: a caller reads one list."""
    found = client.post("/check", json={"source": source, "engine": "monty"}).json()["diagnostics"]
    error = post(client, source, engine="monty")["error"]

    assert [(one["code"], one["hint"], lacking in one["message"]) for one in found] == [("not-in-engine", HINT, True)]
    assert error["kind"] == "policy"
    assert error["violations"] == [{key: found[0][key] for key in ("line", "column", "code", "message", "hint")}]


def test_a_template_keeps_the_engine_that_it_asks_for(client: httpx.Client) -> None:
    """And one that its engine cannot run is not kept."""
    kept = client.put("/templates/quick", json={"source": "x + 1", "input_types": {"x": "int"}, "engine": "monty"})
    run = client.post("/templates/quick/runs", json={"inputs": {"x": 1}}).json()
    again = client.post("/templates/quick/runs", json={"inputs": {"x": 2}}).json()
    refused = client.put("/templates/slow", json={"source": INHERITS, "functions": ["add"], "engine": "monty"})

    assert kept.status_code in (200, 201), kept.text
    assert [(one["output"], one["engine"]) for one in (run, again)] == [(2, "monty"), (3, "monty")]
    assert (refused.status_code, refused.json()["code"]) == (422, "source-rejected")


def test_the_engine_of_the_settings_runs_what_names_none(tmp_path: Path) -> None:
    """An operator may choose for all; a submission may still say otherwise."""
    with serving(tmp_path / "log", ISTHMUS_ENGINE="auto") as started, httpx.Client(base_url=started.url) as client:
        runs = [post(client, source) for source in ("1 + 1", INHERITS)]
        named = post(client, "1 + 1", engine="cpython")

    assert [run["engine"] for run in [*runs, named]] == ["monty", "cpython", "cpython"]


def test_a_run_whose_engine_was_taken_away_says_so_and_stays(tmp_path: Path) -> None:
    """Its journal would mean something else to another engine, so it waits for the operator rather than for luck."""
    with serving(tmp_path / "log") as started, httpx.Client(base_url=started.url) as client:
        run = post(client, "ask('who?')", engine="monty", client_functions=[{**ASK, "async": False}])
    results = [{"call_id": run["pending_calls"][0]["call_id"], "output": "Ada"}]
    with serving(tmp_path / "log", ISTHMUS_ENGINES="cpython") as started, httpx.Client(base_url=started.url) as client:
        refused = client.post(f"/runs/{run['id']}/resume", json={"results": results})
        named = client.post("/orchestrate", json={"source": "1", "engine": "monty"})
        left = client.get(f"/runs/{run['id']}").json()
    with serving(tmp_path / "log") as started, httpx.Client(base_url=started.url) as client:
        done = client.post(f"/runs/{run['id']}/resume", json={"results": results}).json()

    assert (refused.status_code, refused.json()["detail"]) == (
        409, "the run cannot go on: the engine 'monty' is not here any more; engines: cpython",
    )  # fmt: skip
    assert named.json()["errors"][0]["message"] == 'is not available; engines of this service: "cpython", "auto"'
    assert (left["status"], done["status"], done["output"]) == ("suspended", "completed", "Ada")


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"ISTHMUS_ENGINES": "monty"}, "ISTHMUS_ENGINES: it names some of cpython, monty, and cpython in any case"),
        (
            {"ISTHMUS_ENGINES": "cpython", "ISTHMUS_ENGINE": "monty"},
            "ISTHMUS_ENGINE: ISTHMUS_ENGINES leaves out monty",
        ),
    ],
)
def test_settings_that_leave_a_run_without_an_engine_stop_the_start(
    settings: dict[str, str], complaint: str, tmp_path: Path
) -> None:
    """The engine that runs everything also checks types; and a default has to be there."""
    done = run_command("serve", "--port", "0", ISTHMUS_DATABASE=str(tmp_path / "db"), **settings)

    assert done.returncode != 0
    assert complaint in done.stderr


def test_an_unknown_engine_of_the_settings_stops_the_start(tmp_path: Path) -> None:
    """With the choices, and before anything was opened."""
    done = run_command("serve", "--port", "0", ISTHMUS_ENGINE="pypy", ISTHMUS_DATABASE=str(tmp_path / "db"))

    assert done.returncode != 0
    assert "ISTHMUS_ENGINE: there is no engine 'pypy'; engines: cpython, monty, auto" in done.stderr


def test_the_command_takes_an_engine() -> None:
    """Whoever tries a program on the terminal tries it on either."""
    runs = [
        json.loads(run_command("run", "-", "--json", "--engine", one, stdin="6 * 7").stdout)
        for one in ("auto", "cpython")
    ]
    mistyped = run_command("run", "-", "--engine", "pypy", stdin="1")

    assert [(run["output"], run["engine"]) for run in runs] == [(42, "monty"), (42, "cpython")]
    assert mistyped.returncode == 2
    assert "pypy" in mistyped.stderr
    assert all(name in mistyped.stderr for name in ("cpython", "monty", "auto"))
