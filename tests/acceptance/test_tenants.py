"""Tenants and keys, as callers and operators meet them: through HTTP and the command line."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.serving import Serving, run_command, serving, until

CALLING = {"source": "add(1, 2)", "functions": ["add"]}


class House:
    """A service with two tenants, each with a key."""

    def __init__(self, served: Serving, database: str) -> None:
        self.url = served.url
        self.database = database
        self.keys = {name: self.key("--tenant", name) for name in ("acme", "umbrella")}

    def operate(self, *arguments: str) -> str:
        """Give a command on the service's database."""
        done = run_command(*arguments, ISTHMUS_DATABASE=self.database)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def key(self, *arguments: str) -> str:
        """Make a key."""
        return self.operate("keys", "create", *arguments).strip()

    def client(self, name: str | None) -> httpx.Client:
        """Return a client with the key of a tenant."""
        headers = {"Authorization": f"Bearer {self.keys[name]}"} if name else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One service for all tests here."""
    directory = tmp_path_factory.mktemp("tenants")
    database = str(directory / "isthmus.db")
    ceiling = json.dumps({"wall_seconds": 20, "calls": 3})
    for arguments in (["acme", "--allow", "add,wait", "--ceiling", ceiling], ["umbrella"]):
        assert run_command("tenants", "create", *arguments, ISTHMUS_DATABASE=database).returncode == 0
    with serving(directory / "log", ISTHMUS_DATABASE=database) as served:
        yield House(served, database)


def test_a_run_of_another_tenant_is_not_there(house: House) -> None:
    """A foreign id looks like one that never was."""
    with house.client("acme") as acme, house.client("umbrella") as umbrella:
        run = acme.post("/orchestrate", json=CALLING).json()

        assert run["output"] == 3
        assert acme.get(f"/runs/{run['id']}").json() == run
        foreign, unknown = umbrella.get(f"/runs/{run['id']}"), umbrella.get("/runs/run_0")
        assert (foreign.status_code, foreign.content) == (404, unknown.content)


PRYING: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "", None),
    ("GET", "/calls", None),
    ("GET", "/journal", None),
    ("GET", "/report", None),
    ("GET", "/events", None),
    ("POST", "/resume", {"results": [{"call_id": "call_1", "output": "stolen"}]}),
    ("POST", "/patch", {"source": "1"}),
    ("POST", "/patch?dry_run=true", {"source": "1"}),
    ("POST", "/fork", {"at_call": "call_1", "output": "stolen"}),
    ("POST", "/cancel", None),
    ("DELETE", "", None),
]


def test_a_tenant_gets_nowhere_with_the_id_of_anothers_run(house: House) -> None:
    """Each way to a run says the same of a foreign id as of one that never was, to the byte, and changes nothing."""
    asking = {"source": "await ask()", "client_functions": [{"name": "ask"}]}
    with house.client("acme") as acme, house.client("umbrella") as umbrella:
        run = acme.post("/orchestrate", json=asking).json()
        for method, path, body in PRYING:
            foreign = umbrella.request(method, f"/runs/{run['id']}{path}", json=body)
            unknown = umbrella.request(method, f"/runs/run_0{path}", json=body)
            assert (foreign.status_code, foreign.content) == (404, unknown.content), f"{method} {path}"
        assert run["id"] not in umbrella.get("/runs").text

        assert acme.get(f"/runs/{run['id']}").json() == run
        assert run["id"] in acme.get("/runs").text
        answers = {"results": [{"call_id": "call_1", "output": "mine"}]}
        assert acme.post(f"/runs/{run['id']}/resume", json=answers).json()["output"] == "mine"


def test_an_idempotency_key_is_its_tenants_own(house: House) -> None:
    """Two tenants that count from one must not get each other's runs."""
    headers = {"Idempotency-Key": "1"}
    with house.client("acme") as acme, house.client("umbrella") as umbrella:
        first = acme.post("/orchestrate", json={"source": "'acme'"}, headers=headers).json()
        second = umbrella.post("/orchestrate", json={"source": "'umbrella'"}, headers=headers)

    assert first["output"] == "acme"
    assert (second.status_code, second.json()["output"]) == (200, "umbrella")


def test_a_function_beyond_the_rights_is_refused_by_name(house: House) -> None:
    """Wherever it is named; a tenant with all functions may call it."""
    with house.client("acme") as acme, house.client("umbrella") as umbrella:
        names = [one["name"] for one in acme.get("/functions").json()["data"]]
        refused = [
            acme.post("/orchestrate", json={"source": "1", "functions": ["echo"]}),
            acme.get("/functions/echo"),
            acme.get("/prompt", params={"functions": "echo"}),
            acme.get("/functions.openai.json", params={"functions": "echo"}),
        ]
        assert umbrella.get("/functions/echo").status_code == 200

        assert names == ["add", "wait"]
        assert [(one.status_code, one.json()["code"], one.json()["detail"]) for one in refused] == [
            (403, "function-not-allowed", 'function "echo" is beyond the rights of your tenant; yours: add, wait')
        ] * 4
        assert "echo" not in acme.get("/functions.pyi").text + acme.get("/prompt").text
        assert "echo" in umbrella.get("/prompt").text
        unknown = acme.post("/orchestrate", json={"source": "1", "functions": ["ad"]}).json()["errors"]
        assert unknown == [
            {
                "pointer": "/functions/0",
                "message": 'function "ad" is not registered; did you mean "add"? registered: add, wait',
            }
        ]


def test_a_limit_beyond_the_tenants_ceiling_is_refused_and_defaults_are_lowered(house: House) -> None:
    """Each tenant has its own; the answer shows what held."""
    with house.client("acme") as acme, house.client("umbrella") as umbrella:
        refused = acme.post("/orchestrate", json={"source": "1", "limits": {"calls": 4}})
        allowed = umbrella.post("/orchestrate", json={"source": "1", "limits": {"calls": 4}}).json()
        lowered = acme.post("/orchestrate", json={"source": "1"}).json()

    assert (refused.status_code, refused.json()["detail"]) == (
        403, "limit 'calls' is beyond your ceiling of 3; ask for less or leave it out",
    )  # fmt: skip
    assert allowed["limits"]["calls"] == 4
    assert (lowered["limits"]["calls"], lowered["limits"]["wall_seconds"]) == (3, 20)


def test_a_key_that_was_revoked_opens_nothing_within_a_second(house: House) -> None:
    """The service goes on meanwhile; whoever has lost a key revokes it by its public part."""
    house.keys["lost"] = house.key("--tenant", "umbrella", "--label", "lost")
    with house.client("lost") as client:
        assert client.get("/functions").status_code == 200
        house.operate("keys", "revoke", house.keys["lost"][:15])

        until(lambda: client.get("/functions").status_code == 401)

        refused = client.post("/orchestrate", json={"source": "1"})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert refused.json()["code"] == "unauthorized"


def test_rights_that_change_count_without_a_new_start(house: House) -> None:
    """A tenant that misbehaves is narrowed while it does."""
    house.operate("tenants", "create", "narrow")
    house.keys["narrow"] = house.key("--tenant", "narrow")
    with house.client("narrow") as client:
        assert client.post("/orchestrate", json=CALLING).status_code == 200
        assert house.operate("tenants", "set", "narrow", "--allow", "echo") == ('{"functions": ["echo"], "share": 1}\n')

        until(lambda: client.post("/orchestrate", json=CALLING).status_code == 403)


@pytest.mark.parametrize("path", ["/functions", "/functions/add", "/functions.pyi", "/prompt", "/runs/run_1"])
def test_nothing_is_shown_without_a_key(house: House, path: str) -> None:
    """Only health and the descriptions of the service itself are for everybody."""
    with house.client(None) as client:
        assert client.get(path).status_code == 401
        assert client.get("/health/live").status_code == 200


def test_a_tenant_beyond_its_rate_is_told_when_to_come_again(house: House) -> None:
    """At once; other tenants are not touched."""
    house.operate("tenants", "create", "often", "--rate", "2/600")
    house.keys["often"] = house.key("--tenant", "often")
    with house.client("often") as often, house.client("umbrella") as umbrella:
        answers = [often.post("/orchestrate", json={"source": "1"}) for _ in range(3)]
        assert umbrella.post("/orchestrate", json={"source": "1"}).status_code == 200

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "rate-reached"
    assert 200 < int(answers[2].headers["retry-after"]) <= 300


def test_a_correction_counts_as_a_run_and_costs_nothing_when_it_is_refused(house: House) -> None:
    """A dry run computes like any other; a correction that cannot begin must not have ended the run that waits."""
    house.operate("tenants", "create", "corrected", "--rate", "1/600")
    house.keys["corrected"] = house.key("--tenant", "corrected")
    with house.client("corrected") as corrected:
        asking = {"source": "await ask()", "client_functions": [{"name": "ask"}]}
        run = corrected.post("/orchestrate", json=asking).json()
        address = f"/runs/{run['id']}"
        refused = [
            corrected.post(f"{address}/patch", params={"dry_run": dry_run}, json={"source": "1"})
            for dry_run in (True, False)
        ]

        assert [(one.status_code, one.json()["code"]) for one in refused] == [(429, "rate-reached")] * 2
        assert corrected.get(address).json()["status"] == "suspended"


def test_the_patch_of_a_run_that_waits_is_one_run(house: House) -> None:
    """Its source is tried before the old run is given up, and the new one must not be refused after that."""
    house.operate("tenants", "create", "patching", "--rate", "2/600")
    house.keys["patching"] = house.key("--tenant", "patching")
    asking = {"source": "await ask()", "client_functions": [{"name": "ask"}]}
    with house.client("patching") as client:
        run = client.post("/orchestrate", json=asking).json()

        patched = client.post(f"/runs/{run['id']}/patch", json={"source": "1 + 1"})
        further = client.post("/orchestrate", json={"source": "1"})

    assert (patched.status_code, patched.json().get("output")) == (200, 2), patched.text
    assert (further.status_code, further.json()["code"]) == (429, "rate-reached")


def test_an_answer_is_no_new_run(house: House) -> None:
    """A run was counted when it was submitted; going on takes nothing of the rate, also while it is held."""
    house.operate("tenants", "create", "once", "--rate", "1/600", "--max-queued", "0")
    house.keys["once"] = house.key("--tenant", "once")
    with house.client("once") as once:
        asking = {"source": "await ask()", "client_functions": [{"name": "ask"}]}
        run = once.post("/orchestrate", json=asking).json()
        answers = {"results": [{"call_id": run["pending_calls"][0]["call_id"], "output": 7}]}
        answered = once.post(f"/runs/{run['id']}/resume", json=answers)

    assert (answered.status_code, answered.json()["status"], answered.json()["output"]) == (200, "completed", 7)


def test_a_tenant_at_its_own_bound_is_told_that_it_is_its_own(house: House) -> None:
    """The service has places, and gives them to others."""
    house.operate("tenants", "create", "bounded", "--max-running", "1", "--max-queued", "0")
    house.keys["bounded"] = house.key("--tenant", "bounded")
    waiting = {"source": "wait(2)", "functions": ["wait"]}
    with house.client("bounded") as bounded, house.client("umbrella") as umbrella, ThreadPoolExecutor(2) as threads:
        running = [threads.submit(bounded.post, "/orchestrate", json=waiting) for _ in range(2)]
        first, second = sorted((one.result() for one in running), key=lambda answer: answer.status_code)
        assert umbrella.post("/orchestrate", json={"source": "1"}).status_code == 200

    assert (first.status_code, second.status_code) == (200, 429)
    assert (second.json()["code"], second.headers["retry-after"]) == ("tenant-busy", "1")


def test_a_run_that_wakes_by_itself_keeps_to_its_tenants_bounds(tmp_path: Path) -> None:
    """Nobody's request drives it, and it waits in its tenant's line all the same."""
    database = str(tmp_path / "isthmus.db")
    run_command("tenants", "set", "default", "--max-running", "1", ISTHMUS_DATABASE=database)
    ask = {"name": "ask", "expires_seconds": 0.5, "on_timeout": {"output": "nobody"}}
    asking = {"source": "await ask()", "client_functions": [ask]}
    with (
        serving(tmp_path / "log", ISTHMUS_DATABASE=database, ISTHMUS_HOLD_SECONDS="0") as served,
        httpx.Client(base_url=served.url, timeout=60) as client,
    ):
        asked = client.post("/orchestrate", json=asking).json()
        running = client.post("/orchestrate", json={"source": "wait(2)", "functions": ["wait"]}).json()
        until(lambda: client.get(f"/runs/{asked['id']}").json()["status"] == "completed")
        woken = client.get(f"/runs/{asked['id']}").json()

    assert woken["output"] == "nobody"
    assert woken["finished_at"] > running["finished_at"], "two runs of the tenant went on at once"


def test_a_tenant_that_floods_the_service_waits_for_itself(tmp_path: Path) -> None:
    """One that comes late with one run does not stand behind the hundred of another; waiting is no running."""
    database = str(tmp_path / "isthmus.db")
    with serving(
        tmp_path / "log", ISTHMUS_DATABASE=database, ISTHMUS_MAX_RUNNING="1", ISTHMUS_API_KEY="flood"
    ) as served:
        run_command("tenants", "create", "late", ISTHMUS_DATABASE=database)
        late = run_command("keys", "create", "--tenant", "late", ISTHMUS_DATABASE=database).stdout.strip()
        waiting = {"source": "wait(0.3)", "functions": ["wait"]}

        def run(key: str) -> dict[str, Any]:
            headers = {"Authorization": f"Bearer {key}"}
            answer: dict[str, Any] = httpx.post(
                f"{served.url}/orchestrate", json=waiting, headers=headers, timeout=60
            ).json()
            return answer

        with ThreadPoolExecutor(9) as threads:
            flood = [threads.submit(run, "flood") for _ in range(8)]
            until(lambda: any(one.done() for one in flood))
            lately = run(late)
            finished = sorted(one.result()["finished_at"] for one in flood)

    assert lately["finished_at"] < finished[4], "it waited for the flood"
    assert lately["usage"]["queued_ms"] > 0
    assert lately["usage"]["wall_ms"] >= 300


def test_keys_and_tenants_are_listed_without_secrets(house: House) -> None:
    """For people a line each, for programs JSON."""
    shown = house.operate("keys", "list", "--tenant", "acme")
    assert house.keys["acme"][:15] in shown
    assert house.keys["acme"] not in shown
    listed = json.loads(house.operate("keys", "list", "--tenant", "acme", "--json"))
    assert [(row["id"], row["tenant"], row["scopes"], row["revoked_at"]) for row in listed] == [
        (house.keys["acme"][:15], "acme", ["run"], None)
    ]
    tenants = {row.pop("name"): row for row in json.loads(house.operate("tenants", "list", "--json"))}
    assert tenants["acme"].pop("kept_bytes") > 0
    assert tenants["acme"] == {
        "waiting_runs": 0,
        "functions": ["add", "wait"],
        "ceiling": {"wall_seconds": 20, "calls": 3},
        "share": 1,
    }
    assert "name=umbrella  share=1  kept_bytes=" in house.operate("tenants", "list")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["keys", "create", "--tenant", "nobody"], 'there is no tenant "nobody"'),
        (["keys", "revoke", "ik_none"], "there is no key ik_none that is not revoked"),
        (["tenants", "create", "umbrella"], 'there is a tenant "umbrella" already'),
        (["tenants", "create", "A"], "a tenant's name has 1 to 64 letters"),
        (["tenants", "set", "umbrella", "--ceiling", '{"fule": 1}'], "there is no limit 'fule'"),
        (["tenants", "set", "umbrella", "--share", "0"], "share must be from 1 to 1,000"),
    ],
)
def test_what_an_operator_cannot_do_is_said_in_one_line(house: House, arguments: list[str], message: str) -> None:
    """And changes nothing."""
    done = run_command(*arguments, ISTHMUS_DATABASE=house.database)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert message in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["--rate", "many"], ["--max-running", "-1"], ["--ceiling", "[]"], ["--max-queued", "9" * 5_000]],
)
def test_what_was_typed_wrongly_is_refused(arguments: list[str]) -> None:
    """Before anything is opened."""
    done = run_command("tenants", "set", "umbrella", *arguments, ISTHMUS_DATABASE="/dev/null/none")

    assert done.returncode == 2
    assert "write " in done.stderr


def test_a_service_with_keys_may_be_reached_from_elsewhere(tmp_path: Path) -> None:
    """A key in the database is as good as one in the settings."""
    database = str(tmp_path / "isthmus.db")
    refused = run_command("serve", "--host", "0.0.0.0", "--port", "0", ISTHMUS_DATABASE=database)  # noqa: S104
    key = run_command("keys", "create", ISTHMUS_DATABASE=database).stdout.strip()

    assert "make a key with `isthmus keys create`, or set ISTHMUS_API_KEY to one" in refused.stderr
    with serving(tmp_path / "log", "--host", "0.0.0.0", ISTHMUS_DATABASE=database) as served:  # noqa: S104
        url = served.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        assert httpx.get(f"{url}/functions").status_code == 401
        assert httpx.get(f"{url}/functions", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_function_that_there_is_not_is_no_right_of_a_tenant(tmp_path: Path) -> None:
    """A name that was mistyped would forbid what was meant; where nobody says which there are, that is said."""
    database = {"ISTHMUS_DATABASE": str(tmp_path / "isthmus.db")}
    functions = ["--functions", "tests.acceptance.functions:env"]

    refused = run_command("tenants", "create", "acme", "--allow", "add,wiat", *functions, **database)
    made = run_command("tenants", "create", "acme", "--allow", "add", *functions, **database)
    unchecked = run_command("tenants", "set", "acme", "--allow", "wiat,add", **database)
    every = run_command("tenants", "set", "acme", "--allow", "*", *functions, **database)

    assert refused.returncode == 2
    assert refused.stderr.startswith(
        'isthmus: function "wiat" is not registered; did you mean "wait"? registered: add, '
    )
    assert (made.returncode, every.returncode) == (0, 0)
    assert (unchecked.returncode, unchecked.stderr) == (
        0, "isthmus: warning: not checked that there are these functions: add, wiat; --functions says which are\n"
    )  # fmt: skip


def test_a_list_of_nothing_says_so(tmp_path: Path) -> None:
    """Beside what programs read: an empty answer could be a failed one."""
    database = {"ISTHMUS_DATABASE": str(tmp_path / "isthmus.db")}

    for arguments, message in [
        (["keys", "list"], "no keys; `isthmus keys create` makes one"),
        (["keys", "list", "--tenant", "acme"], 'tenant "acme" has no keys; `isthmus keys create` makes one'),
    ]:
        done = run_command(*arguments, **database)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", f"isthmus: {message}\n")
    assert run_command("keys", "list", "--json", **database).stdout == "[]\n"
