"""Responses: values, failures, and what is neither."""

from typing import Any

import pytest

from sandbox.failures import failure_of
from service.functions.openapi.response import Answer, HttpError, ResponseRejected, redacted, value_of


def value(body: bytes, *, status: int = 200, media_type: str = "application/json", is_whole: bool = True) -> Any:
    """What becomes of a response."""
    answer = Answer(status=status, media_type=media_type, body=body, is_whole=is_whole)
    return value_of("find", answer, bound=5_000)


@pytest.mark.parametrize(
    ("body", "media_type", "expected"),
    [
        (b'{"a": [1, 2.5, null]}', "application/json; charset=utf-8", {"a": [1, 2.5, None]}),
        (b'"x"', "application/vnd.crm+json", "x"),
        (b'"\\ud83d\\ude00"', "application/json", "\U0001f600"),
        (b"x\xff", "text/plain", "x\ufffd"),
        (b"", "", None),
    ],
)
def test_json_and_text_are_values(body: bytes, media_type: str, expected: Any) -> None:
    """And nothing at all is None."""
    assert value(body, media_type=media_type) == expected


@pytest.mark.parametrize(
    ("status", "may_pass"),
    [(400, False), (404, False), (408, True), (429, True), (500, True), (503, True), (302, False)],
)
def test_another_status_than_success_is_a_failure(status: int, *, may_pass: bool) -> None:
    """It says whether it is worth another attempt."""
    with pytest.raises(HttpError) as raised:
        value(b"no", status=status)

    assert str(raised.value) == f"find() was answered with status {status}: no"
    assert (raised.value.status, raised.value.may_pass) == (status, may_pass)


def test_the_body_of_a_failure_is_cut() -> None:
    """It may be a page of a browser's."""
    with pytest.raises(HttpError) as raised:
        value(b"<p>\n\x1b[31m" + b"x" * 5_000, status=500)

    assert str(raised.value) == "find() was answered with status 500: <p> [31m" + "x" * 1_991 + "..."


def test_a_program_is_told_of_a_redirect_what_it_is() -> None:
    """It is not followed: it may lead anywhere."""
    with pytest.raises(HttpError) as raised:
        value(b"", status=302)

    failure = failure_of(raised.value)
    assert (failure.type, failure.message) == ("HttpError", "find() was answered with status 302")
    assert failure.hint == "redirects are not followed: the function's owner must name the address that it leads to"


@pytest.mark.parametrize(
    ("body", "fields", "message"),
    [
        (b"{", {}, "find() was answered with malformed JSON"),
        (b"NaN", {}, "find() was answered with malformed JSON"),
        (b"[" * 100_000, {}, "find() was answered with malformed JSON"),
        (b'"\\ud800"', {}, "find() was answered with malformed JSON"),
        (b"\xff", {}, "find() was answered with malformed JSON"),
        (b"1" * 5_000, {}, "find() was answered with malformed JSON"),
        (b"x", {"media_type": "image/\x1bpng"}, "find() was answered with image/ png, neither JSON nor text"),
        (b"x", {"media_type": ""}, "find() was answered with something of no type, neither JSON nor text"),
        (
            b"[",
            {"is_whole": False},
            "find() was answered with more than 5,000 bytes, which is all that is read; ask for less",
        ),
    ],
)
def test_what_is_no_value_is_rejected(body: bytes, fields: dict[str, Any], message: str) -> None:
    """With success as its status, it is a fault of the API all the same."""
    with pytest.raises(ResponseRejected) as raised:
        value(body, **fields)

    assert str(raised.value) == message


def test_secrets_do_not_come_back() -> None:
    """Some services tell in an error what they were asked."""
    told = redacted(b'{"authorization": "Bearer abcdefgh", "key": "abcdefgh"}', (b"Bearer abcdefgh", b"abcdefgh"))

    assert told == b'{"authorization": "(secret)", "key": "(secret)"}'
