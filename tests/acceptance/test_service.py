"""What the service says about itself, who may call it, and how it starts and ends."""

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.acceptance.serving import ROOT, Serving, command, environment, run_command, serving, until

KEY = "k\u00e9y-of-a-caller"


def test_the_whitelist_is_described(client: httpx.Client) -> None:
    """Clients make tools and forms out of it."""
    functions = client.get("/functions").json()["data"]

    assert [function["name"] for function in functions] == [
        "add",
        "wait",
        "block",
        "fail",
        "echo",
        "note",
        "pay",
        "hold",
    ]
    assert client.get("/functions/add").json() == functions[0]
    assert functions[0]["description"] == "Return the sum."
    assert functions[0]["parameters"]["required"] == ["x"]
    assert functions[1]["is_async"] is True
    assert functions[1]["stub"].startswith("async def wait(seconds: float) -> str:")


@pytest.mark.parametrize("mode", ["async", "sync"])
def test_stubs_are_python(client: httpx.Client, mode: str) -> None:
    """They are read by editors and type checkers."""
    text = client.get("/functions.pyi", params={"mode": mode}).text

    compile(text, "functions.pyi", "exec")
    assert ("async def wait" in text) is (mode == "async")
    assert "def add(x: int, y: int = 1) -> int:" in text
    assert "from typing import Any" in text


def test_the_prompt_holds_rules_functions_and_limits(client: httpx.Client) -> None:
    """It is all that a model is told."""
    everything = client.get("/prompt").text
    chosen = client.get("/prompt", params={"functions": "add"}).text

    assert "async def wait(seconds: float) -> str:" in everything
    assert "def add(" in chosen
    assert "wait(" not in chosen
    assert "statistics" in chosen
    assert "20,000,000,000" in chosen


def test_the_openapi_document_has_examples_that_work(client: httpx.Client) -> None:
    """Whoever pastes one must get an answer."""
    document = client.get("/openapi.json").json()
    examples = document["paths"]["/orchestrate"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    answers = {name: client.post("/orchestrate", json=one["value"]).json() for name, one in examples.items()}

    assert {name: answer["status"] for name, answer in answers.items()} == {
        "expression": "completed", "report": "completed", "parallel": "completed", "failure": "failed",
        "cached": "completed", "client_function": "suspended",
    }  # fmt: skip
    assert answers["expression"]["output"] == 42
    assert answers["parallel"]["output"] == [0, 1, 4, 9, 16]


def test_every_reference_of_the_openapi_document_leads_somewhere(client: httpx.Client) -> None:
    """A generator of clients stops at the first that does not."""
    document = client.get("/openapi.json").json()
    wanted = {part.split('"')[0] for part in json.dumps(document).split('"#/components/schemas/')[1:]}

    assert wanted <= set(document["components"]["schemas"])


def test_an_answer_has_the_documented_fields(client: httpx.Client) -> None:
    """Runs are written by hand; the document must not say something else."""
    document = client.get("/openapi.json").json()
    run = client.post("/orchestrate", json={"source": "add(1)\nfail('x')", "functions": ["add", "fail"]}).json()
    schemas = document["components"]["schemas"]

    assert set(schemas["RunBody"]["required"]) == set(run)
    assert set(schemas["CallBody"]["required"]) == set(run["calls"][0])
    assert set(schemas["ErrorBody"]["required"]) == set(run["error"])
    assert set(schemas["UsageBody"]["required"]) == set(run["usage"])
    assert set(schemas["LimitsAnswer"]["required"]) == set(run["limits"])


def test_problems_are_explained_where_their_type_points(client: httpx.Client) -> None:
    """The type of a problem is a path."""
    problem = client.post("/orchestrate", json={}).json()

    assert "JSON pointer" in client.get(problem["type"]).text


def test_health(client: httpx.Client) -> None:
    """A load balancer asks."""
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json() == {"status": "ready"}


def test_the_log_has_a_line_per_run_without_source_or_values(service: Serving, client: httpx.Client) -> None:
    """Logs are kept by other people than those who may see the values."""
    run = client.post(
        "/orchestrate", json={"source": "'s3cr3t' + x", "inputs": {"x": "v4lue"}, "name": "a\nb \x1b[31m"}
    ).json()
    (line,) = _lines_about(run, service.log)

    assert "s3cr3t" not in json.dumps(line)
    assert "v4lue" not in json.dumps(line)
    assert (line["event"], line["status"], line["kind"], line["name"]) == ("run", "completed", None, "a\nb \x1b[31m")


def test_the_log_has_source_and_values_where_the_operator_asks(tmp_path: Path) -> None:
    """Somebody who looks for what a model wrote, on a machine of their own."""
    with serving(tmp_path / "log", ISTHMUS_LOG_VALUES="true") as telling:
        with httpx.Client(base_url=telling.url, timeout=60) as client:
            run = client.post("/orchestrate", json={"source": "print('hi')\nx * 20_000", "inputs": {"x": "a"}}).json()
        (line,) = _lines_about(run, telling.log)

    assert (line["source"], line["inputs"], line["stdout"]) == ("print('hi')\nx * 20_000", '{"x": "a"}', "hi\n")
    assert line["output"] == "a" * 10_000 + "..."


def _lines_about(run: dict[str, Any], log: Path) -> list[dict[str, Any]]:
    """Return the lines of the log about a run, as soon as there is one: it is written behind the answer."""
    until(lambda: f'"{run["id"]}"' in log.read_text() and log.read_text().endswith("\n"))
    return [json.loads(line) for line in log.read_text().splitlines() if run["id"] in line]


def test_with_a_key_only_those_who_send_it_may_call(tmp_path: Path) -> None:
    """A container is reachable from everywhere from its first second."""
    with serving(tmp_path / "log", "--host", "0.0.0.0", ISTHMUS_API_KEY=KEY + "\n") as reachable:  # noqa: S104 - the point
        url = reachable.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - the point
        with httpx.Client(base_url=url, timeout=60) as client:
            statuses = [_status(client, header) for header in _headers()]
            closed = [client.get(path).status_code for path in ("/functions", "/functions.pyi", "/prompt", "/runs/x")]
            opened = [client.get(path).status_code for path in ("/health/live", "/health/ready", "/openapi.json")]
            refusal = client.post("/orchestrate", json={"source": "1"})

    assert statuses == [200, 200, 401, 401, 401, 401, 401]
    assert closed == [401] * 4
    assert opened == [200] * 3
    assert refusal.json()["code"] == "unauthorized"
    assert refusal.headers["www-authenticate"] == "Bearer"


def _headers() -> list[bytes]:
    key = KEY.encode()
    return [b"Bearer " + key, b"bearer " + key, b"", b"Bearer", b"Bearer " + key[:-1], b"Basic " + key, b"Bearer \xff"]


def _status(client: httpx.Client, header: bytes) -> int:
    headers = {b"Authorization": header} if header else {}
    return client.post("/orchestrate", json={"source": "1"}, headers=headers).status_code


def test_overload_is_said_at_once(tmp_path: Path) -> None:
    """A caller that is told can go elsewhere; one that waits for a timeout cannot."""
    go = tmp_path / "go"
    body = {"source": f"hold({str(go)!r})", "functions": ["hold"]}
    answers: list[httpx.Response] = []
    with (
        serving(tmp_path / "log", ISTHMUS_MAX_RUNNING="1", ISTHMUS_MAX_QUEUED="1", ISTHMUS_WORKERS="1") as full,
        httpx.Client(base_url=full.url, timeout=60) as client,
    ):
        threads = [
            threading.Thread(target=lambda: answers.append(client.post("/orchestrate", json=body))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        # One runs and one waits for as long as nobody lets go; an answer that comes before is the third's.
        until(lambda: bool(answers))
        refused = answers[0]
        go.touch()
        for thread in threads:
            thread.join()

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["code"] == "overloaded"
    assert [answer.json()["output"] for answer in answers[1:]] == ["let go"] * 2


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_shutdown_lets_a_running_request_end(tmp_path: Path, ending: signal.Signals) -> None:
    """An orchestrator that replaces a replica must not cost its callers their answers."""
    begun, go = tmp_path / "begun", tmp_path / "go"
    answers: list[dict[str, Any]] = []
    with serving(tmp_path / "log", ISTHMUS_DRAIN_SECONDS="30") as ended:
        source = f"note({str(begun)!r})\nhold({str(go)!r})"
        submitted = threading.Thread(target=lambda: answers.append(_submit(ended.url, source)))
        submitted.start()
        until(begun.exists)
        ended.process.send_signal(ending)
        until(lambda: not _listens(ended.url))
        go.touch()
        code = ended.process.wait(timeout=30)
        submitted.join()

    assert code == 0
    assert answers[0]["output"] == "let go"
    assert "Traceback" not in ended.log.read_text()


@pytest.mark.parametrize(
    ("call", "calls"),
    [
        ("wait(100)", [("note", "settled"), ("wait", "abandoned")]),
        ("block(100)", [("note", "settled"), ("block", "abandoned")]),
        ("while True: pass", [("note", "settled")]),
    ],
)
def test_a_shutdown_ends_what_does_not_end_by_itself(tmp_path: Path, call: str, calls: list[tuple[str, str]]) -> None:
    """Its caller hears where to find it, what was printed and called by then; the process is gone in time."""
    with serving(tmp_path / "log", ISTHMUS_DRAIN_SECONDS="0.5") as ended:
        answer, code = _ended_while(ended, f"print('said')\n{call}", tmp_path / "begun", [signal.SIGTERM])

    assert code == 0
    assert (answer["status"], answer["error"], answer["stdout"]) == ("running", None, "said\n")
    assert [(one["function"], one["status"]) for one in answer["calls"]] == calls
    assert "Traceback" not in ended.log.read_text()


def test_a_second_interrupt_ends_what_is_running_at_once(tmp_path: Path) -> None:
    """Whoever presses Ctrl-C again does not want to wait, nor to read a traceback."""
    with serving(tmp_path / "log", ISTHMUS_DRAIN_SECONDS="60") as ended:
        answer, code = _ended_while(ended, "wait(100)", tmp_path / "begun", [signal.SIGINT, signal.SIGINT])

    assert code == 0
    assert answer["status"] == "running"
    assert "Traceback" not in ended.log.read_text()


def _ended_while(
    ended: Serving, call: str, begun: Path, endings: Sequence[signal.Signals]
) -> tuple[dict[str, Any], int]:
    """Send signals to a service that runs a call; return its answer and the exit code of the service."""
    answers: list[dict[str, Any]] = []
    submitted = threading.Thread(target=lambda: answers.append(_submit(ended.url, f"note({str(begun)!r})\n{call}")))
    submitted.start()
    until(begun.exists)
    for ending in endings:
        ended.process.send_signal(ending)
        until(lambda: not _listens(ended.url))
    code = ended.process.wait(timeout=30)
    submitted.join()
    return answers[0], code


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5).close()
    except OSError:
        return False
    return True


def _submit(url: str, source: str) -> dict[str, Any]:
    limits = {"wall_seconds": 200, "cpu_seconds": 60, "fuel": 200_000_000_000}
    body = {"source": source, "functions": ["wait", "block", "note", "hold"], "limits": limits}
    answer: dict[str, Any] = httpx.post(f"{url}/orchestrate", json=body, timeout=60).json()
    return answer


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (["--host", "0.0.0.0"], {}, "set ISTHMUS_API_KEY"),  # noqa: S104 - the point
        (["--host", "0.0.0.0"], {"ISTHMUS_API_KEY": " "}, "set ISTHMUS_API_KEY"),  # noqa: S104 - the point
        (["--functions", "examples"], {}, "write module:name"),
        (["--functions", "nope.nope:env"], {}, "there is no module nope"),
        (["--functions", "tests.acceptance.functions:nope"], {}, "its TaskEnvironments: env"),
        (["--functions", "json:dumps"], {}, "dumps is a function"),
        (["--functions", "tests.acceptance.functions:env"] * 2, {}, "two functions are named 'add'"),
        ([], {"ISTHMUS_MAX_RUNNING": "many"}, "ISTHMUS_MAX_RUNNING"),
        ([], {"ISTHMUS_CEILING": "{"}, "write JSON"),
        ([], {"ISTHMUS_ENGINE": "nope"}, "there is no engine 'nope'"),
        ([], {"ISTHMUS_DATABASE": "/dev/null/isthmus.db"}, "ISTHMUS_DATABASE: cannot use /dev/null/isthmus.db: Not a"),
    ],
)
def test_a_start_that_cannot_be_says_why_in_one_line(
    arguments: list[str], settings: dict[str, str], message: str
) -> None:
    """Whoever types it wants to know what to type instead."""
    done = run_command("serve", "--port", "0", *arguments, **settings)

    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("isthmus: ")
    assert message in done.stderr


def test_a_variable_that_is_no_setting_is_told() -> None:
    """A limit that was mistyped would otherwise be missed when it is needed."""
    done = run_command("run", "-", stdin="1", ISTHMUS_MAX_RUNING="5")

    assert done.returncode == 0
    assert done.stderr == (
        "isthmus: warning: ISTHMUS_MAX_RUNING is no setting and changes nothing; did you mean ISTHMUS_MAX_RUNNING?\n"
    )


def test_a_first_start_says_what_it_waits_for_and_can_be_ended(tmp_path: Path) -> None:
    """Compiling takes seconds, and nothing else shows that anything happens."""
    process = subprocess.Popen(
        command("serve", "--port", "0"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment(ISTHMUS_CACHE_DIR=str(tmp_path)),
    )  # fmt: skip
    assert process.stderr is not None
    line = process.stderr.readline()
    process.terminate()
    output, errors = process.communicate(timeout=30)

    assert line.startswith("isthmus: compiling the guest")
    assert (process.returncode, output, errors) == (0, "", "")
    assert not list(tmp_path.glob("*.cwasm")), "the compilation was waited for"


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    """The commonest failure of a start."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run_command("serve", "--port", str(taken.getsockname()[1]))

    assert done.returncode == 2
    assert "cannot listen on 127.0.0.1" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_current_directory_is_searched_last(tmp_path: Path) -> None:
    """A file that lies about must not stand in for an installed module; functions beside it are found all the same."""
    (tmp_path / "uvicorn.py").write_text("raise SystemExit(9)\n")
    (tmp_path / "json.py").write_text("raise SystemExit(9)\n")
    (tmp_path / "mine.py").write_text(
        "from sandbox import TaskEnvironment\nenv = TaskEnvironment(name='mine')\n@env.task\ndef one() -> int:\n"
        "    return 1\n"
    )
    done = subprocess.run(
        command("run", "-", "--functions", "mine:env"), input="one()", capture_output=True, text=True, cwd=tmp_path,
        env=environment(), timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "value: 1" in done.stdout


def test_the_version_is_printed() -> None:
    """The first thing that a bug report needs."""
    done = run_command("--version")

    assert done.returncode == 0
    assert done.stdout.startswith("isthmus ")
    assert str(ROOT) not in done.stdout
