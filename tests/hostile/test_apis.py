"""HTTP APIs that misbehave, and programs that use one to reach further: a call ends, bounded, as a failure."""

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.call_attempts import Attempts
from sandbox.failures import failure_of
from service.functions.openapi import Api, read_apis
from service.functions.openapi.document import read_document
from service.operator_errors import OpenApiNotLoadable
from service.settings import OpenApiSource
from tests.crm import Crm, running_crm

TOKEN = "Bearer s3cret-token"  # noqa: S105 - of a test


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    """An API that does as it is told, and whatever else it likes."""
    with running_crm() as running:
        yield running


def api_of(crm: Crm, **settings: Any) -> Api:
    """The API as an operator sets it up."""
    given = {"document": f"{crm.url}/openapi.json", "prefix": "crm", "headers": {"Authorization": TOKEN}, **settings}
    (api,) = read_apis([OpenApiSource(**given)], say=lambda _: None)
    return api


async def called(crm: Crm, name: str, *args: Any, **settings: Any) -> Any:
    """The value of a call."""
    api = api_of(crm, **settings)
    function = next(one for one in api.functions if one.name == f"crm_{name}")
    try:
        return await function.invoke(function.bind(args, {}))
    finally:
        await api.close()


async def told(crm: Crm, name: str, *args: Any, **settings: Any) -> tuple[str, str]:
    """Type and message of what a program is told of a call that fails."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is, it is compared
        await called(crm, name, *args, **settings)
    failure = failure_of(raised.value)
    return failure.type, failure.message


async def test_no_more_of_a_body_is_read_than_the_bound(crm: Crm) -> None:
    """A body without end ends the call, and what was read of it stays small."""
    crm.sent_bytes = 0

    assert await told(crm, "huge", response_bytes=100_000) == (
        "ResponseRejected",
        "crm_huge() was answered with more than 100,000 bytes, which is all that is read; ask for less",
    )
    # What the network's buffers hold was sent too.
    assert crm.sent_bytes < 20_000_000


async def test_a_body_that_says_it_is_too_large_is_not_read(crm: Crm) -> None:
    """Its first byte would already be for nothing."""
    assert (await told(crm, "declared", response_bytes=100_000))[0] == "ResponseRejected"


async def test_a_slow_body_ends_with_the_time_of_the_call(crm: Crm) -> None:
    """However regularly its bytes drop in."""
    assert await told(crm, "slow", timeout_seconds=0.2) == ("TimeoutError", "crm_slow() did not answer within 0.2 s")


async def test_a_redirect_is_not_followed(crm: Crm) -> None:
    """It may lead to a host that only this one can reach, and would take the secrets along."""
    before = len(crm.seen)

    assert await told(crm, "redirect") == ("HttpError", "crm_redirect() was answered with status 307")
    assert [target for _, target, _ in crm.seen[before:]] == ["/openapi.json", "/redirect"]


async def test_a_page_of_a_browsers_is_a_failure_with_its_beginning(crm: Crm) -> None:
    """A program can read the status and what is said, not ten thousand characters of it."""
    kind, message = await told(crm, "broken")

    assert (kind, message[:70]) == (
        "HttpError",
        "crm_broken() was answered with status 500: <html> <b>it broke</b>xxxxx",
    )
    assert len(message) < 2_100


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("picture", "ResponseRejected", "crm_picture() was answered with image/png, neither JSON nor text"),
        ("malformed", "ResponseRejected", "crm_malformed() was answered with malformed JSON"),
        ("deep", "ResponseRejected", "crm_deep() was answered with malformed JSON"),
        ("surrogate", "ResponseRejected", "crm_surrogate() was answered with malformed JSON"),
        ("zipped", "ResponseRejected", "crm_zipped() was answered with gzip data, neither JSON nor text"),
        ("wrong", "TypeError", "the value of crm_wrong() $.a is a str, not int"),
    ],
)
async def test_what_is_no_value_never_reaches_a_program(crm: Crm, name: str, kind: str, message: str) -> None:
    """It gets what the stub promises, or an exception."""
    assert await told(crm, name) == (kind, message)


async def test_an_argument_cannot_leave_its_place(crm: Crm) -> None:
    """The address that arrives has the parts that the document gave it."""
    before = len(crm.seen)

    await told(crm, "annotate", "x/../../admin")
    await told(crm, "annotate", "..")
    await told(crm, "annotate", "a/b")
    await called(crm, "annotate", "%2e%2e?x=1#@evil.example")

    targets = [target for _, target, _ in crm.seen[before:] if target != "/openapi.json"]
    assert targets == ["/customers/a%2Fb/note", "/customers/%252e%252e%3Fx%3D1%23%40evil.example/note"]


async def test_a_secret_is_sent_and_does_not_come_back(crm: Crm, caplog: pytest.LogCaptureFixture) -> None:
    """Not in a value, and not in a line of a log."""
    with caplog.at_level(logging.DEBUG):
        value = await called(crm, "echo", query={"key": "s3cret-key"})

    assert crm.seen[-1][2]["authorization"] == TOKEN
    assert (value["authorization"], value["query"]) == ("(secret)", "key=(secret)")
    # The API itself runs in this process too, and may say what it likes.
    assert "s3cret" not in str([one.getMessage() for one in caplog.records if not one.name.startswith("uvicorn")])


async def test_what_is_no_secret_is_left_in_an_answer(crm: Crm) -> None:
    """The version of an API is a date, and dates are data."""
    headers = {"X-Api-Version": "2022-11-28", "Accept": "application/vnd.crm+json"}
    value = await called(crm, "echo", headers=headers)

    assert (value["x-api-version"], value["accept"]) == ("2022-11-28", "application/vnd.crm+json")


def test_a_document_that_drips_in_is_not_waited_for(crm: Crm) -> None:
    """A service that never starts is down."""
    with pytest.raises(OpenApiNotLoadable, match=r"it took longer than 0\.2 s$"):
        read_document(f"{crm.url}/slow", max_seconds=0.2)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/huge", "it is larger than 100,000 bytes"),
        ("/redirect", "it was answered with status 307"),
        ("/broken", "it was answered with status 500"),
        ("/picture", "it is not JSON; convert a YAML document to JSON first"),
        ("/nothing", "it is not JSON; convert a YAML document to JSON first"),
    ],
)
def test_an_address_without_a_document_is_refused(crm: Crm, path: str, reason: str) -> None:
    """Bounded, and without a step to anywhere else."""
    with pytest.raises(OpenApiNotLoadable) as refused:
        read_document(f"{crm.url}{path}", max_bytes=100_000)
    assert str(refused.value) == f"ISTHMUS_OPENAPI {crm.url}{path}: {reason}"


def test_a_name_that_programs_cannot_write_is_refused(tmp_path: Path) -> None:
    """A prefix makes it one that they can."""
    file = tmp_path / "crm.json"
    tree = {"openapi": "3.1.0", "paths": {"/": {"get": {"operationId": "1st"}}}, "servers": [{"url": "http://h"}]}
    file.write_text(json.dumps(tree))

    with pytest.raises(OpenApiNotLoadable, match=r"'1st' cannot be the name of a task: .*; give it a `prefix`"):
        read_apis([OpenApiSource(document=str(file))], say=lambda _: None)
    (api,) = read_apis([OpenApiSource(document=str(file), prefix="crm")], say=lambda _: None)
    assert [one.name for one in api.functions] == ["crm_1st"]


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    """An operator who misses a function finds out why."""
    file, said = tmp_path / "crm.json", list[str]()
    paths = {"/a": {"get": {"operationId": "a"}}, "/b": {"get": {"operationId": "b", "servers": []}}}
    file.write_text(json.dumps({"openapi": "3.0.3", "paths": paths, "servers": [{"url": "http://h"}]}))

    read_apis([OpenApiSource(document=str(file))], say=said.append)

    assert said == [f"{file}: b is left out: it has servers of its own"]


async def test_a_deep_value_is_the_functions_failure(crm: Crm) -> None:
    """It is JSON, and more than may cross: in a run it is a limit that ends it."""
    kind, message = await told(crm, "nested")

    assert (kind, message[:30]) == ("ResultTooLarge", "the value of crm_nested() $[0]")


async def test_a_cookie_is_forgotten(crm: Crm) -> None:
    """What one run was given must not speak for the next one."""
    api = api_of(crm)
    functions = {function.name: function for function in api.functions}

    await functions["crm_cookie"].invoke({})
    value = await functions["crm_echo"].invoke({})
    await api.close()

    assert "cookie" not in value


async def test_an_api_that_is_not_there_is_told_without_its_address(crm: Crm) -> None:
    """Hosts and ports of the operator's are nobody's business."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]

    assert await told(crm, "find", 1, base_url=f"http://127.0.0.1:{port}") == (
        "ConnectionError",
        "crm_find() could not reach its API, or the connection broke",
    )


async def test_an_api_that_speaks_no_http_is_told_so_too(crm: Crm) -> None:
    """The connection broke; what came over it is not shown."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.internal ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        failure = await told(crm, "find", 1, base_url=f"http://127.0.0.1:{port}")

    assert failure == ("ConnectionError", "crm_find() could not reach its API, or the connection broke")


async def test_what_writes_is_never_tried_again(crm: Crm) -> None:
    """Whatever went wrong, it may have been written."""
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    api = api_of(crm, retries=1, base_url=f"http://127.0.0.1:{port}")
    made: dict[str, int] = {}

    for function, args in ((one, args) for one in api.functions for name, args in CALLS if one.name == name):
        attempts = Attempts()
        with pytest.raises(ConnectionError):
            await function.invoke(function.bind(args, {}), attempts)
        made[function.name] = attempts.made
    await api.close()

    assert made == {"crm_find": 2, "crm_create": 1, "crm_remove": 2}


CALLS: list[tuple[str, tuple[Any, ...]]] = [("crm_find", (1,)), ("crm_create", ({"name": "x"},)), ("crm_remove", (1,))]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"base_url": "ftp://host"}, "the address of its API must begin with http:// or https://"),
        (
            {"base_url": "http://u:p@host"},
            "the address of its API must end with its path, and hold no name or password; use `headers`, `query`",
        ),
        (
            {"headers": {"X-Key": "a\r\nb"}},
            "the header 'X-Key' of its settings cannot be sent: write printable ASCII characters",
        ),
        ({"operations": ["find", "lose"]}, "it has no operation lose"),
        (
            {"operations": []},
            "it has 0 operations that can be functions; 1 to 500 are taken, and `operations` names some of them",
        ),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(crm: Crm, settings: dict[str, Any], reason: str) -> None:
    """At the start, and without the value of a secret."""
    with pytest.raises(OpenApiNotLoadable) as refused:
        api_of(crm, **settings)

    assert str(refused.value) == f"ISTHMUS_OPENAPI {crm.url}/openapi.json: {reason}"


def test_secrets_do_not_go_where_only_the_document_sends_them(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can change the document could otherwise collect them."""
    monkeypatch.setattr(crm, "servers", [{"url": "http://collector.example"}])

    with pytest.raises(OpenApiNotLoadable, match=r"its server is another host than the one it was fetched from"):
        api_of(crm)
    assert api_of(crm, headers={}).functions
