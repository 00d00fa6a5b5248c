"""Guest images over HTTP and at the terminal: callers name what the operator lists, and what is built meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from api.client import Client
from sandbox import orchestrator_from_str
from sandbox.images.kept import KeptImage, images_folder
from tests.acceptance.serving import run_command, serving, until
from tests.guest_images import PACKAGES, dates, leaky

__all__ = ["dates", "leaky"]

SOURCE = "from more_itertools import chunked\nlist(chunked(xs, 2))"
CANNOT_GO_ON = (
    'the run cannot go on: the guest image "mine" has other packages than when it began; patch the run to have it go '
    "on with these"
)
# What becomes of a call that nobody answers: the run is taken up by itself.
EXPIRING = {"expires_seconds": 2, "on_timeout": {"output": 9}}
ASK = {"name": "ask", "parameters": {"type": "object", "properties": {}}, "returns": {"type": "integer"}}


def settings(**images: Any) -> dict[str, str]:
    return {"ISTHMUS_CACHE_DIR": str(images_folder().parent), "ISTHMUS_IMAGES": json.dumps(images)}


@pytest.fixture(scope="module")
def url(dates: KeptImage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with an image that is there, and one that cannot be."""
    assert dates.requirements == PACKAGES
    log = tmp_path_factory.mktemp("images") / "log"
    with serving(log, **settings(dates=PACKAGES, numbers=["numpy"])) as started:
        yield started.url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """A client of it, once its image is ready."""
    with httpx.Client(base_url=url, timeout=60) as opened:
        until(lambda: opened.post("/orchestrate", json={"source": "1", "image": "dates"}).status_code == 200)
        yield opened


def test_a_program_runs_on_the_image_that_it_names(client: httpx.Client, dates: KeptImage) -> None:
    """The answer says on which build of it."""
    run = client.post("/orchestrate", json={"source": SOURCE, "inputs": {"xs": [1, 2, 3]}, "image": "dates"}).json()

    assert (run["status"], run["output"]) == ("completed", [[1, 2], [3]])
    assert run["engine_version"] == f"3.14.0+{dates.guest_digest}"


def test_the_images_are_listed_with_what_is_in_them(client: httpx.Client, url: str, dates: KeptImage) -> None:
    """Whoever writes a program must not have to ask the operator for a name."""
    until(lambda: client.get("/images").json()["data"][1]["status"] == "failed")

    data = client.get("/images").json()["data"]

    assert data == [
        {
            "name": "dates", "status": "ready",
            "packages": [{"name": one.name, "version": one.version} for one in dates.packages],
            "modules": sorted({module.partition(".")[0] for module in dates.modules}),
        },
        {"name": "numbers", "status": "failed", "packages": [], "modules": []},
    ]  # fmt: skip
    with Client(url, key=None) as same:
        assert same.images() == data


@pytest.mark.parametrize("named", ["dates", "reference"])
def test_the_command_runs_a_program_on_an_image(tmp_path: Path, dates: KeptImage, named: str) -> None:
    """By the name that the service has for it, or by what `isthmus image list` shows."""
    program = tmp_path / "program.py"
    program.write_text(SOURCE)
    name = dates.reference if named == "reference" else named

    done = run_command("run", str(program), "--json", "--input", "xs=[1, 2, 3]", "--image", name,
                       **settings(dates=PACKAGES, numbers=["numpy"]))  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["output"] == [[1, 2], [3]]


def test_the_command_names_the_images_that_there_are(tmp_path: Path) -> None:
    """Before anything is built."""
    program = tmp_path / "program.py"
    program.write_text("1")

    done = run_command("run", str(program), "--image", "times", **settings(dates=PACKAGES))

    assert (done.returncode, done.stderr) == (
        2, 'isthmus: there is no guest image "times"; images of ISTHMUS_IMAGES: dates\n'
    )  # fmt: skip


def test_an_exported_template_runs_on_its_image_or_says_how_to_build_it(tmp_path: Path, dates: KeptImage) -> None:
    """Elsewhere, too: the document names packages and versions, and whoever starts the command has it built."""
    made = orchestrator_from_str(SOURCE, inputs={"xs": list[int]}, output=list[list[int]], image=dates.reference)
    (tmp_path / "inputs.json").write_text('{"xs": [1, 2, 3]}')
    places = SimpleNamespace(input_path=str(tmp_path / "inputs.json"), output_path="-")
    arguments = made.container_args(places)[1:]

    here = run_command(*arguments, **settings())
    (tmp_path / "cache").mkdir(mode=0o700)
    elsewhere = run_command(*arguments, ISTHMUS_CACHE_DIR=str(tmp_path / "cache"))

    packages = " ".join(f"{one.name}=={one.version}" for one in dates.packages)
    assert (here.returncode, here.stdout) == (0, '{"value": [[1, 2], [3]]}\n')
    assert (elsewhere.returncode, elsewhere.stderr) == (
        2, f"isthmus: the guest image {dates.reference} is not here: isthmus image build {packages}\n"
    )  # fmt: skip


def test_another_program_is_told_which_image_it_needs(client: httpx.Client) -> None:
    """The commonest mistake: the code is right, and the submission lacks a name."""
    run = client.post("/orchestrate", json={"source": SOURCE, "inputs": {"xs": []}}).json()
    (found,) = client.post("/check", json={"source": SOURCE, "inputs": {"xs": []}}).json()["diagnostics"]

    assert found["hint"].startswith('a guest image has it: add "image": "dates" to the submission')
    assert (run["status"], run["error"]["kind"]) == ("failed", "policy")
    assert run["error"]["message"] == 'line 1: module "more_itertools" cannot be imported'
    assert run["error"]["hint"].startswith('a guest image has it: add "image": "dates" to the submission | ')


def test_the_prompt_names_the_packages_of_an_image(client: httpx.Client) -> None:
    """Whoever writes the program is mostly a model, and uses what it is told of."""
    told = client.get("/prompt", params={"image": "dates"}).text
    unknown = client.get("/prompt", params={"image": "frames"})

    assert "These packages can be imported, too: dateutil, more_itertools" in told
    assert "more_itertools" not in client.get("/prompt").text
    assert (unknown.status_code, unknown.json()["errors"]) == (
        422,
        [{"pointer": "?image", "message": "is not available; images: dates, numbers"}],
    )
    until(lambda: client.get("/prompt", params={"image": "numbers"}).headers["Retry-After"] == "60")


def test_an_image_that_is_not_listed_is_refused(client: httpx.Client) -> None:
    """With those that are."""
    answer = client.post("/orchestrate", json={"source": "1", "image": "frames"})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"pointer": "/image", "message": 'there is no guest image "frames"; images: dates, numbers'}
    ]


def test_an_image_that_is_not_ready_is_an_error_that_names_it(client: httpx.Client) -> None:
    """Nothing waits for minutes within a request. Why it failed is for the operator, in the log."""

    def answer() -> httpx.Response:
        return client.post("/orchestrate", json={"source": "1", "image": "numbers"})

    until(lambda: answer().headers["Retry-After"] == "60")
    problem = answer().json()

    assert (problem["status"], problem["code"]) == (503, "image-not-ready")
    assert problem["detail"] == 'the guest image "numbers" could not be built; images that are ready: dates'


def test_a_template_has_its_image(client: httpx.Client) -> None:
    """It is compiled for that, and no run has another one."""
    template = {"source": SOURCE, "input_types": {"xs": "list[int]"}, "image": "dates"}
    put = client.put("/templates/chunks", json=template)
    run = client.post("/templates/chunks/runs", json={"inputs": {"xs": [1, 2, 3]}}).json()
    other = client.post("/templates/chunks/runs", json={"inputs": {"xs": []}, "image": "auto"})

    assert put.status_code in (200, 201), put.text
    assert (run["status"], run["output"]) == ("completed", [[1, 2], [3]])
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/image")


def test_a_run_that_waits_goes_on_with_the_packages_it_had(dates: KeptImage, leaky: KeptImage, tmp_path: Path) -> None:
    """On another image it would not be the same program: it says so, and keeps waiting, or ends where it was due."""
    source = "from more_itertools import chunked\n[*chunked([ask(), 2, 3], 2)]"
    body = {"source": source, "client_functions": [ASK], "image": "mine"}
    database = {"ISTHMUS_DATABASE": str(tmp_path / "runs.db"), "ISTHMUS_HOLD_SECONDS": "0"}

    def started(name: str, reference: str) -> Any:
        return serving(tmp_path / name, **{**settings(mine=[reference]), **database})

    with started("first", dates.reference) as service, httpx.Client(base_url=service.url, timeout=60) as client:
        until(lambda: client.post("/orchestrate", json={"source": "1", "image": "mine"}).status_code == 200)
        run = client.post("/orchestrate", json=body).json()
        late = client.post("/orchestrate", json={**body, "client_functions": [{**ASK, **EXPIRING}]}).json()
    result = {"results": [{"call_id": "call_1", "output": 1}]}
    with started("other", leaky.reference) as service, httpx.Client(base_url=service.url, timeout=60) as client:
        until(lambda: client.post("/orchestrate", json={"source": "1", "image": "mine"}).status_code == 200)
        refused = client.post(f"/runs/{run['id']}/resume", json=result)
        until(lambda: client.get(f"/runs/{late['id']}").json()["status"] == "failed")
        diverged = client.get(f"/runs/{late['id']}").json()["error"]
    with started("again", dates.reference) as service, httpx.Client(base_url=service.url, timeout=60) as client:
        until(lambda: client.post("/orchestrate", json={"source": "1", "image": "mine"}).status_code == 200)
        done = client.post(f"/runs/{run['id']}/resume", json=result).json()

    assert (run["status"], late["status"]) == ("suspended", "suspended")
    assert (refused.status_code, refused.json()["detail"]) == (409, CANNOT_GO_ON)
    assert (diverged["kind"], diverged["message"]) == ("divergence", CANNOT_GO_ON)
    assert (done["status"], done["output"]) == ("completed", [[1, 2], [3]])


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            '{"a b": ["six"]}',
            "ISTHMUS_IMAGES: 'a b' cannot be the name of an image: "
            "write 1 to 60 letters A-Z a-z, digits, and . _ -, the first a letter or a digit",
        ),
        ('{"dates": []}', 'ISTHMUS_IMAGES__DATES: an image needs packages, as in {"dates": ["python-dateutil==2.9"]}'),
        (
            '{"dates": ["./local"]}',
            "ISTHMUS_IMAGES__DATES: a package must be a name, with a version if need be, as in 'attrs==25.1', "
            "not './local'",
        ),
    ],
)
def test_a_setting_that_names_no_image_ends_the_start(images: str, message: str) -> None:
    """Before anything is built."""
    done = run_command("serve", ISTHMUS_IMAGES=images)

    assert (done.returncode, done.stderr) == (2, f"isthmus: {message}\n")


def test_images_are_listed_at_the_terminal(dates: KeptImage, leaky: KeptImage) -> None:
    """What is in each, and for programs all that is known of it."""
    lines = run_command("image", "list", **settings()).stdout.splitlines()
    shown = {one["reference"]: one for one in json.loads(run_command("image", "list", "--json", **settings()).stdout)}

    packages = ", ".join(f"{one.name} {one.version}" for one in dates.packages)
    assert f"{dates.reference[:19]}  {dates.wasm_bytes / 1e6:.1f} MB  {packages}" in lines
    assert shown[dates.reference]["packages"][0].keys() == {"name", "version", "sha256"}
    assert shown[leaky.reference]["hidden"] == dict(leaky.hidden)


def test_what_is_built_is_told_at_the_terminal(dates: KeptImage, tmp_path: Path) -> None:
    """The reference alone on stdout, for scripts; refusals by name on stderr."""
    known = run_command("image", "build", *PACKAGES, **settings())
    refused = run_command("image", "build", "./local", **settings())
    nothing = run_command("image", "remove", "sha256:00", ISTHMUS_CACHE_DIR=str(tmp_path))
    empty = run_command("image", "list", ISTHMUS_CACHE_DIR=str(tmp_path))

    assert (known.returncode, known.stdout) == (0, f"{dates.reference}\n")
    assert refused.returncode == 2
    assert refused.stderr == (
        "isthmus: a package must be a name, with a version if need be, as in 'attrs==25.1', not './local'\n"
    )
    assert nothing.stderr == 'isthmus: no image begins with "sha256:00"; images: none\n'
    assert empty.stdout == "no images; isthmus image build PACKAGE ...\n"
