"""What came back, as the value of the call or as its failure. Every byte of it is somebody else's."""

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from service.functions.openapi.operations import is_json, is_text

# Of the body of a failure, as a program is told it.
ERROR_BYTES = 2_000
_MAY_PASS = frozenset({408, 425, 429})
_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


class HttpError(Exception):
    """The API answered with another status than success.

    Attributes:
        status: which.
        may_pass: whether the same request may succeed later.
        hint: what to do about it.
    """

    def __init__(self, name: str, status: int, told: str) -> None:
        super().__init__(f"{name}() was answered with status {status}" + (f": {told}" if told else ""))
        self.status = status
        self.may_pass = status >= 500 or status in _MAY_PASS
        self.hint = "it may pass: try again later" if self.may_pass else "look at the arguments of the call"
        if 300 <= status < 400:
            self.hint = "redirects are not followed: the function's owner must name the address that it leads to"


class ResponseRejected(Exception):
    """The API answered with success, and with something that is no value of the function."""

    may_pass = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response, its body read up to a bound."""

    status: int
    media_type: str
    body: bytes
    is_whole: bool


def value_of(name: str, answer: Answer, *, bound: int) -> Any:
    """Return the value of a call.

    Raises:
        HttpError: the status is no success.
        ResponseRejected: the body is too large, of another type than JSON and text, or malformed.
    """
    if not 200 <= answer.status < 300:
        raise HttpError(name, answer.status, _shown(answer))
    if not answer.is_whole:
        message = f"{name}() was answered with more than {bound:,} bytes, which is all that is read; ask for less"
        raise ResponseRejected(message)
    if not answer.body:
        return None
    if is_json(answer.media_type):
        return _json(name, answer.body)
    if is_text(answer.media_type):
        return answer.body.decode(errors="replace")
    shown = _printable(answer.media_type)[:100] or "something of no type"
    message = f"{name}() was answered with {shown}, neither JSON nor text"
    raise ResponseRejected(message)


def redacted(body: bytes, secrets: tuple[bytes, ...]) -> bytes:
    """Return a body without the secrets that were sent: some services tell what they were asked."""
    for secret in secrets:
        body = body.replace(secret, b"(secret)")
    return body


def _json(name: str, body: bytes) -> Any:
    try:
        value = json.loads(body, parse_constant=_refuse)
        if _ESCAPE.search(body):
            # Half a character, which no text can hold that is written anywhere.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        message = f"{name}() was answered with malformed JSON"
    else:
        return value
    raise ResponseRejected(message)


def _shown(answer: Answer) -> str:
    text = _printable(answer.body[:ERROR_BYTES].decode(errors="replace"))
    return text if answer.is_whole and len(answer.body) <= ERROR_BYTES else text + "..."


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).strip()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
