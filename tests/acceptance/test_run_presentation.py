"""Links, documentation and reports of submissions: what people see of a run."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import serving

HOSTILE = "</pre><script>alert(1)</script>"


def post(client: httpx.Client, **body: Any) -> dict[str, Any]:
    """Submit a program and return the run."""
    response = client.post("/orchestrate", json=body)
    assert response.status_code == 200, response.text
    run: dict[str, Any] = response.json()
    return run


def test_links_and_documentation_are_shown_with_the_run(client: httpx.Client) -> None:
    """Their places filled, as parts of an address are written."""
    url = "https://logs.example/{name}?run={run_id}"
    run = post(client, source="1", name="a b&c", docs="Counts.", links=[{"name": "logs", "url": url}])

    assert run["links"] == [{"name": "logs", "url": f"https://logs.example/a%20b%26c?run={run['id']}"}]
    assert run["template"]["docs"] == "Counts."
    assert client.get(f"/runs/{run['id']}").json() == run


def test_a_run_has_none_of_it_by_default(client: httpx.Client) -> None:
    """And says so."""
    run = post(client, source="1")
    missing = client.get(f"/runs/{run['id']}/report")

    assert (run["links"], run["report"], run["template"]["docs"]) == ([], None, None)
    assert (missing.status_code, missing.json()["code"]) == (404, "no-report")
    assert missing.json()["detail"] == 'this run has no report; submit the program with `"report": true`'


@pytest.mark.parametrize("source", ["print(x)\nadd(1, 2)\nx", "print(x)\nadd(1, 2)\nraise ValueError(x)"])
def test_a_report_is_a_page_in_which_nothing_runs(client: httpx.Client, source: str) -> None:
    """Of a run that ended well and of one that failed; with what the program said as text."""
    run = post(client, source=source, inputs={"x": HOSTILE}, functions=["add"], report=True)
    answer = client.get(run["report"])

    assert run["report"] == f"/runs/{run['id']}/report"
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'; "
        r"frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox",
        answer.headers["content-security-policy"],
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<script" not in answer.text
    for text in ("add(x=1, y=2)", "&lt;script&gt;alert(1)", run["id"], f"seed {run['seed']}"):
        assert text in answer.text


def test_what_is_shown_with_a_run_outlives_the_process(tmp_path: Path) -> None:
    """An address that somebody was given leads to the same page tomorrow; what nobody may read is nobody's."""
    url = "https://logs.example/{name}?run={run_id}"
    body = {
        "source": "print(x)\nx", "inputs": {"x": HOSTILE + "\x00"}, "report": True, "durable": True, "name": "a b",
        "docs": "Counts.", "links": [{"name": "logs", "url": url}],
    }  # fmt: skip
    with serving(tmp_path / "log") as first, httpx.Client(base_url=first.url, timeout=60) as client:
        run = post(client, **body)
        page = client.get(run["report"])
    with serving(tmp_path / "log") as second, httpx.Client(base_url=second.url, timeout=60) as client:
        again = client.get(f"/runs/{run['id']}").json()
        same = client.get(again["report"])
        assert client.delete(f"/runs/{run['id']}").status_code == 204
        gone = client.get(run["report"])

    shown = ("links", "report", "template")
    assert [again[name] for name in shown] == [run[name] for name in shown]
    assert (same.text, same.headers["content-security-policy"]) == (page.text, page.headers["content-security-policy"])
    assert run["id"] in page.text
    assert gone.json()["code"] == "run-not-kept"


def test_a_report_of_a_value_that_does_not_fit_says_so(client: httpx.Client) -> None:
    """The answer's error, not the program's end."""
    run = post(client, source="'x'", output="int", report=True)

    assert run["error"]["type"] == "ValueRejected"
    assert "the value cannot be returned" in client.get(run["report"]).text


def test_nobody_reads_the_report_of_a_run_that_there_is_not(client: httpx.Client) -> None:
    """As for the run itself."""
    assert client.get("/runs/run_0/report").json()["code"] == "run-not-kept"
