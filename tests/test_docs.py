"""The documentation says what is so: its examples run, its lists are those of the code, its links lead somewhere."""

import asyncio
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import Signature, signature
from pathlib import Path

import httpx
import pytest

from api.client import AsyncClient, Client
from bench import summary
from examples import demo
from examples.catalogue import EXAMPLES, Example
from sandbox import orchestrate_local, policy
from sandbox.images.kept import KeptImage
from sandbox.limits import Limits
from service.settings import DEFAULT_CEILING, Settings
from tests.guest_images import dates

__all__ = ["dates"]

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
ANCHOR = re.compile(r"\]\((?!https?:)([^)#]*)#([^)]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \|(?: ([^|]+) \|)?", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block, and what the next one says comes out of it."""

    place: str
    language: str
    text: str
    result: str


def blocks(language: str, *, containing: str = "") -> list[Block]:
    """All blocks of one language in all pages."""
    found: list[Block] = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fences = list(FENCE.finditer(text))
        for fence, following in zip(fences, [*fences[1:], None], strict=False):
            line = text.count("\n", 0, fence.start()) + 1
            result = following[2] if following is not None and following[1] in ("text", "json") else ""
            found.append(Block(place=f"{page.name}:{line}", language=fence[1], text=fence[2], result=result))
    return [block for block in found if block.language == language and containing in block.text]


def section(page: str, title: str) -> str:
    """The text of one section of a page, without what a deeper or further heading begins."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


CONVERSATION = blocks("http")
REQUESTS = blocks("sh", containing="/orchestrate")
SNIPPETS = blocks("python")
OF_IMAGES = blocks("python image")
PROGRAMS = blocks("python guest")


@pytest.mark.parametrize("block", REQUESTS, ids=lambda block: block.place)
def test_a_request_of_the_docs_gets_the_answer_shown(block: Block, shop: httpx.Client) -> None:
    """A reader pastes the command first; what comes back must be what the page shows, in every member it shows."""
    command = shlex.split(block.text)
    url, body = command[2], command[command.index("-d") + 1]

    answer = shop.post(url.removeprefix("localhost:8080"), content=body, headers={"content-type": "application/json"})

    assert command[:2] == ["curl", "-s"]
    assert answer.status_code == 200
    assert demo.holds(answer.json(), json.loads(block.result)), answer.text


def test_the_conversation_of_the_docs_goes_as_shown(shop: httpx.Client) -> None:
    """Each request is about the run of the one before it; what comes back has every member that the page shows."""
    run_id = ""
    for block in CONVERSATION:
        line, _, body = block.text.partition("\n")
        method, path = line.split()
        answer = shop.request(
            method, path.replace("{id}", run_id), content=body, headers={"content-type": "application/json"}
        )
        assert demo.holds(answer.json(), json.loads(block.result)), (block.place, answer.text)
        run_id = answer.json()["id"]
    assert len(CONVERSATION) == 6


@pytest.mark.parametrize("block", SNIPPETS, ids=lambda block: block.place)
def test_a_snippet_of_the_docs_prints_what_is_shown(block: Block) -> None:
    """It runs as a reader's file would: a process of its own, which ends by itself."""
    ended = subprocess.run([sys.executable, "-c", block.text], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (ended.stdout, ended.stderr, ended.returncode) == (block.result, "", 0)


@pytest.mark.parametrize("block", OF_IMAGES, ids=lambda block: block.place)
def test_a_snippet_about_images_prints_what_is_shown(block: Block, dates: KeptImage) -> None:
    """The image that it builds is the one of the tests, so that it is there."""
    assert dates.requirements == ("python-dateutil", "more-itertools")

    test_a_snippet_of_the_docs_prints_what_is_shown(block)


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_the_verbs_of_the_client_are_those_that_are_listed(client: type) -> None:
    """Whoever writes a call has the page, and not the source."""
    (listed,) = blocks("py client")
    verbs = {name: verb for name, verb in vars(client).items() if not name.startswith("_")}
    signatures = {"Client": signature(client), **{name: signature(verb) for name, verb in verbs.items()}}

    assert listed.text == "".join(f"{name}{_bare(one)}\n" for name, one in signatures.items())


def _bare(signature: Signature) -> str:
    """Write a signature without its types."""
    given = [one.replace(annotation=Signature.empty) for one in signature.parameters.values() if one.name != "self"]
    return str(Signature(given))


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.place)
def test_a_program_of_the_docs_has_the_value_shown(block: Block) -> None:
    """What the language can do is shown by programs, so they must be programs."""
    value = asyncio.run(orchestrate_local(block.text, inputs={}))

    assert f"{value}\n" == block.result


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.file)
def test_an_example_gets_the_answer_that_the_demo_expects(example: Example, shop: httpx.Client) -> None:
    """The demo is the first thing that anybody runs."""
    answer = shop.post("/orchestrate", json=example.body())

    assert answer.status_code == 200
    assert demo.holds(answer.json(), example.expected), answer.text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_to_a_file(page: Path) -> None:
    """Pages are renamed more often than links are looked at."""
    targets = LINK.findall(page.read_text(encoding="utf-8"))

    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_to_a_section_leads_to_a_heading(page: Path) -> None:
    """A browser shows the top of the page instead, and the reader looks for the rest."""
    lost = []
    for name, anchor in ANCHOR.findall(page.read_text(encoding="utf-8")):
        target = FENCE.sub("", (page.parent / name if name else page).read_text(encoding="utf-8"))
        anchors = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(target)]
        lost += [f"{name}#{anchor}"] if anchor not in anchors else []

    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_path_in_the_text_is_that_of_a_file(page: Path) -> None:
    """Modules are renamed more often than pages are read."""
    paths = re.findall(
        r"`((?:api|bench|docs|examples|sandbox|service|tests)/[\w./-]*)`", page.read_text(encoding="utf-8")
    )

    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lines_are_no_longer_than_in_code(page: Path) -> None:
    """Long lines hide in a review what changed in them; rows of tables and code cannot be broken."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))

    assert [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")] == []


def test_the_page_on_the_language_lists_the_modules_of_the_policy() -> None:
    """Whoever writes programs reads the page; the guest reads the policy."""
    listed = {}
    allowed, _, absent = section("guest-python.md", "Modules").partition("\n\nNot there;")
    for item in allowed.split("\n- ")[1:]:
        module, *hidden = CODE.findall(item)
        listed[module] = set(hidden)

    assert listed == {module: set(hidden) for module, hidden in policy.MODULES.items()}
    hints: dict[str, str] = {}
    for modules, hint in re.findall(r"^\| (`.*`) \| (.*) \|$", absent, re.MULTILINE):
        hints |= dict.fromkeys(CODE.findall(modules), hint)
    assert hints == policy.ABSENT_MODULES


def test_the_page_on_the_language_lists_the_builtins_of_the_policy() -> None:
    """Unchanged, replaced, absent: three lists of one section, in this order."""
    unchanged, replaced, absent = re.split(
        r"\n\nReplaced .*\n|\n\nNot there.*\n", section("guest-python.md", "Builtins")
    )

    assert set(CODE.findall(unchanged)) == set(policy.BUILTINS)
    assert set(CODE.findall(replaced)) == set(policy.GUARDED_BUILTINS)
    assert {name: hint.strip() for name, hint, _ in ROW.findall(absent)} == policy.ABSENT_BUILTINS


def test_the_page_on_the_language_lists_the_names_of_the_policy() -> None:
    """Special names, standard names with an underscore, and what there is of asyncio."""
    special, underscore = section("guest-python.md", "Special names").split("can be named all the same:")

    assert set(CODE.findall(special)) == policy.SPECIAL_NAMES
    assert set(CODE.findall(underscore)) == policy.PUBLIC_UNDERSCORE_NAMES
    assert set(CODE.findall(section("guest-python.md", "asyncio"))) == set(policy.ASYNCIO_NAMES)
    of_os = re.findall(r"^- `(\w+)`", section("guest-python.md", "Environment variables"), re.MULTILINE)
    assert of_os == [*policy.OS_NAMES]


@pytest.mark.parametrize(
    ("title", "rules"),
    [
        ("What works as usual", policy.SYNTAX),
        ("What is refused", (*policy.RULES.values(), *policy.REFUSED)),
    ],
)
def test_the_page_on_the_language_states_the_rules_of_the_policy(title: str, rules: tuple[str, ...]) -> None:
    """The prompt for models prints the same lines."""
    lines = section("guest-python.md", title).replace("\n  ", " ").splitlines()

    assert [line.removeprefix("- ") for line in lines if line.startswith("- ")] == list(rules)


@pytest.mark.parametrize(
    ("title", "listed"),
    [
        ("Notes", policy.NOTES),
        ("Members that are not there", policy.ABSENT_MEMBERS),
    ],
)
def test_the_page_on_the_language_lists_what_programs_are_told(title: str, listed: dict[str, str]) -> None:
    """Codes of notes and names, each with its text."""
    assert {name: text.strip() for name, text, _ in ROW.findall(section("guest-python.md", title))} == listed


def test_the_page_for_operators_lists_every_setting() -> None:
    """A setting that is in no page is one that nobody sets; one that is only in the page does nothing."""
    listed = {name for name, _, _ in ROW.findall(section("for-operators.md", "Settings"))}

    assert listed == {f"ISTHMUS_{name.upper()}" for name in Settings.model_fields} | {"ISTHMUS_CACHE_DIR"}


def test_the_page_for_operators_states_limits_as_they_are() -> None:
    """Name, default and ceiling of each."""
    ceiling = DEFAULT_CEILING.as_dict()
    rows = ROW.findall(section("for-operators.md", "Limits"))

    assert [(name, float(default), float(highest)) for name, default, highest in rows] == [
        (name, default, ceiling[name]) for name, default in Limits().as_dict().items()
    ]


def test_the_readme_shows_what_was_measured_last() -> None:
    """No figure of the table is typed: `python -m bench --readme` takes them from the last result."""
    results = (ROOT / "bench" / "results.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert readme == summary.shown_in(readme, results)


def test_a_row_of_the_readme_that_was_not_measured_is_named() -> None:
    """A row that is renamed would otherwise vanish from the page without a word."""
    told = "0 rows of the results begin with 'fresh isolate for x*2, processor time', and the README shows one"
    with pytest.raises(LookupError, match=f"^{re.escape(told)}$"):
        summary.shown_in("<!-- bench --><!-- /bench -->", "# Measured\n\n| what |\n| --- |\n| another row | 1 ms |\n")


@pytest.fixture(scope="module")
def shop() -> Iterator[httpx.Client]:
    """The service that `make serve` runs, on another port."""
    port = demo.free_port()
    with demo.service(port), httpx.Client(base_url=f"http://localhost:{port}", timeout=60) as client:
        yield client
