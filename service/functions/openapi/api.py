"""An HTTP API: its functions, and the connections that they share. Nothing but its own address is ever contacted."""

import logging
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from sandbox.bucket import Bucket
from sandbox.cache import digest_of
from sandbox.dispatch import HostFunction
from sandbox.idempotency import idempotency_key
from sandbox.options import RateLimit, RetryStrategy
from sandbox.options.retries import Backoff
from sandbox.signatures import guest_name
from sandbox.terms import Terms
from sandbox.weight import in_its_place
from service.functions.openapi.address import address_of, headers_of
from service.functions.openapi.document import Document, read_document
from service.functions.openapi.operations import LeftOut, Operation, operations_of
from service.functions.openapi.request import request_of
from service.functions.openapi.response import ERROR_BYTES, Answer, redacted, value_of
from service.operator_errors import OpenApiNotLoadable
from service.seeing.tracing import trace_headers
from service.settings import OpenApiSource

MAX_FUNCTIONS = 500
# Shorter texts are no secrets, and would be found everywhere.
_SECRET_CHARACTERS = 8
_PLAIN = ("", "identity")
# Headers that an operator may well set, and whose values are in many an answer.
_NO_SECRET = re.compile(r"accept(-.*)?|user-agent|.*version")
_PAUSES = Backoff(base=timedelta(seconds=0.5), factor=2.0, cap=timedelta(seconds=10))
_ALWAYS = {"accept": "application/json, text/*", "accept-encoding": "identity", "user-agent": "isthmus"}


def read_apis(sources: Iterable[OpenApiSource], *, say: Callable[[str], None]) -> list["Api"]:
    """Return the APIs of the settings; `say` is told which operations are no functions.

    Raises:
        OpenApiNotLoadable: a document cannot be read, or says nothing that can be called.
    """
    return [_read_api(source, read_document(source.document), say) for source in sources]


class Api:
    """One API, as long as the service lives; belongs to the event loop that calls its functions."""

    def __init__(self, source: OpenApiSource, address: httpx.URL, headers: dict[str, str]) -> None:
        self._source = source
        self._address = address
        given = {name.lower(): value for name, value in headers.items()}
        self._headers = {**_ALWAYS, **given}
        self._query = [(name, value.get_secret_value()) for name, value in source.query.items()]
        hidden = [value for name, value in given.items() if not _NO_SECRET.fullmatch(name)]
        self._secrets = _secrets([*hidden, *(value for _, value in self._query)])
        self._client = httpx.AsyncClient(
            # How long a call may take is a term of its function.
            timeout=None,  # noqa: S113 - as said
            follow_redirects=False,
            # What one run is told to remember must not be sent for another.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        self.functions: list[HostFunction] = []
        # They write addresses into logs, and with them what may be secret in the query.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def add(self, operations: Iterable[Operation]) -> None:
        """Make functions of operations; they share the rate, because it is the API's."""
        rate = self._source.rate
        limit = None if rate is None else RateLimit(rate.calls, rate.per_seconds, rate.wait_seconds)
        bucket = None if limit is None else Bucket(limit)
        self.functions += [self._function(operation, limit, bucket) for operation in operations]

    def _function(self, operation: Operation, limit: RateLimit | None, bucket: Bucket | None) -> HostFunction:
        name = guest_name(operation.title)
        signature = operation.signature()
        # A write is never repeated: whatever went wrong, it may have taken effect.
        count = 0 if operation.effect == "write" else self._source.retries

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await self._call(name, operation, signature.bind(*args, **kwargs).arguments)

        return HostFunction(
            name=name,
            call=call,
            is_async=True,
            signature=signature,
            parameters={one.name: one.kind for one in operation.parameters},
            returns=operation.returns,
            description=operation.description,
            title=operation.title,
            kind="openapi",
            terms=Terms(
                effect=operation.effect,
                timeout_seconds=self._source.timeout_seconds,
                retries=RetryStrategy(count, _PAUSES),
                rate=limit,
            ),
            bucket=bucket,
            version=lambda: digest_of(_identity(operation, str(self._address))),
        )

    async def _call(self, name: str, operation: Operation, arguments: dict[str, Any]) -> Any:
        request = request_of(operation, arguments, base_path=self._address.raw_path.decode(), secret_query=self._query)
        # Last, so that no parameter takes their place.
        headers = {**dict(request.headers), **trace_headers(), **_call_key(request.method), **self._headers}
        address = self._address.copy_with(raw_path=request.target)
        try:
            async with self._client.stream(
                request.method, address, headers=headers, content=request.content
            ) as response:
                answer = await self._read(response)
        except (httpx.HTTPError, httpx.InvalidURL):
            # What they say names hosts and addresses.
            message = f"{name}() could not reach its API, or the connection broke"
        else:
            bound = self._source.response_bytes
            return await in_its_place(len(answer.body), lambda: value_of(name, answer, bound=bound))
        raise ConnectionError(message)

    async def _read(self, response: httpx.Response) -> Answer:
        """Read no more than the bound, and one part of the network's beyond it."""
        bound = self._source.response_bytes if response.is_success else ERROR_BYTES
        # A body in an encoding that was not asked for is not decoded: a few bytes can stand for gigabytes.
        encoding = response.headers.get("content-encoding", "").strip().lower()
        media_type = f"{encoding} data" if encoding not in _PLAIN else response.headers.get("content-type", "")
        body, is_whole = b"", not _declares_more(response, bound)
        if is_whole or not response.is_success:
            body, is_whole = await _first(response, bound)
        return Answer(
            status=response.status_code,
            media_type=media_type,
            body=redacted(body, self._secrets),
            is_whole=is_whole,
        )


def _identity(operation: Operation, address: str) -> list[Any]:
    """Return what decides which request is sent; secrets are no part of it."""
    parameters = [
        [one.name, one.wire_name, one.place, one.kind.text, one.required, one.explode] for one in operation.parameters
    ]
    return ["openapi", operation.method, address, operation.path, parameters, operation.returns.text]


def _call_key(method: str) -> dict[str, str]:
    """Return the header by which an API knows a call that is made again; what only reads needs none."""
    key = None if method in ("GET", "HEAD") else idempotency_key()
    return {} if key is None else {"idempotency-key": key}


def _declares_more(response: httpx.Response, bound: int) -> bool:
    declared = response.headers.get("content-length", "")
    return declared.isascii() and declared.isdecimal() and int(declared[:20]) > bound


async def _first(response: httpx.Response, bound: int) -> tuple[bytes, bool]:
    """Return the body, and whether it is all of it."""
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_raw():
        parts.append(part)
        size += len(part)
        if size > bound:
            return b"".join(parts), False
    return b"".join(parts), True


def _secrets(values: Iterable[str]) -> tuple[bytes, ...]:
    """Return what must not come back: each value, and each word of it (`Bearer` and its token), the longest first."""
    found = {part for value in values for part in (value, *value.split()) if len(part) >= _SECRET_CHARACTERS}
    return tuple(part.encode() for part in sorted(found, key=len, reverse=True))


def _read_api(source: OpenApiSource, document: Document, say: Callable[[str], None]) -> Api:
    headers = headers_of(source, document.shown)
    api = Api(source, address_of(source, document), headers)
    wanted = None if source.operations is None else frozenset(source.operations)
    found = list(
        operations_of(document, prefix=source.prefix, wanted=wanted, hosts_headers=frozenset(map(str.lower, headers)))
    )
    for one in found:
        if isinstance(one, LeftOut):
            say(f"{document.shown}: {one.title} is left out: {one.reason}")
    operations = [one for one in found if isinstance(one, Operation)]
    missing = sorted((wanted or frozenset()) - {one.title.removeprefix(f"{source.prefix}.") for one in found})
    if missing:
        raise OpenApiNotLoadable(document.shown, f"it has no operation {', '.join(missing)}")
    if not 0 < len(operations) <= MAX_FUNCTIONS:
        reason = f"it has {len(operations)} operations that can be functions; 1 to {MAX_FUNCTIONS} are taken, and "
        raise OpenApiNotLoadable(document.shown, reason + "`operations` names some of them")
    try:
        api.add(operations)
    except TypeError as error:
        raise OpenApiNotLoadable(document.shown, f"{error}; give it a `prefix`, or leave it out") from None
    return api
