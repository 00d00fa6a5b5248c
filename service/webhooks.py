"""Telling a receiver what became of a run: where that may be, how messages are signed, when they are sent again.

Messages follow the Standard Webhooks specification 1.0: `webhook-id`, `webhook-timestamp`, and `webhook-signature`, an
HMAC-SHA256 of `id.timestamp.body`. A receiver is judged and asked by way of one parsed address, so that no two readings
of a text can disagree about its host.
"""

import asyncio
import base64
import hashlib
import hmac
import logging
from collections.abc import Iterable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Literal

import httpx

MAX_ADDRESS = 2_000
# From the connection to the answer's status; the specification recommends 15 to 30 s.
_SECONDS = 15.0
# With the first at once: 5 s, 30 s, 3 min, 18 min, 1.8 h, 10 h, 10 h after the one before, about a day.
MAX_ATTEMPTS = 8
_FACTOR = 6
_LONGEST_PAUSE_SECONDS = 36_000.0

Origin = tuple[str, str, int | None]
Reception = Literal["taken", "gone", "failed"]


class Receivers:
    """The origins that messages may be sent to.

    Args:
        hosts: `hooks.example.com` stands for https at its usual port; a port or `http://` has to be named.

    Raises:
        ValueError: one is no host.
    """

    def __init__(self, hosts: Iterable[str]) -> None:
        self._origins = {_origin_of_host(host) for host in hosts}

    def refusal(self, address: str) -> str | None:
        """Return why an address may not be told, None when it may."""
        if not self._origins:
            return "is not available: the operator of this service allows no receivers; leave it out"
        url = _url(address)
        if url is None:
            return f"must be an address of at most {MAX_ADDRESS} characters, without a user, a password or a fragment"
        if _origin(url) not in self._origins:
            return "is not at a scheme, host and port that the operator of this service allows"
        return None


class Sender:
    """Sends messages; belongs to the event loop on which it first sends.

    Args:
        secret: from which the secret of each tenant is derived.
        pause_seconds: before the second attempt; each later one waits six times as long, 10 hours at most.
    """

    def __init__(self, receivers: Receivers, *, secret: str, pause_seconds: float) -> None:
        self.receivers = receivers
        self._secret = secret
        self._pause_seconds = pause_seconds
        # What one tenant's receiver wants remembered must not be sent to another's.
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, cookies=cookies)
        # They write addresses into logs, which may hold a secret of the receiver's.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def pause_after(self, attempt: int) -> float:
        """Return how many seconds to wait after an attempt, counted from 1, before the next one."""
        return float(min(self._pause_seconds * _FACTOR ** (attempt - 1), _LONGEST_PAUSE_SECONDS))

    async def send(self, address: str, body: bytes, *, tenant: str, message_id: str, timestamp: int) -> Reception:
        """Send a message; what the receiver answers beside its status is not read, and redirects are not followed."""
        url = _url(address)
        if url is None or self.receivers.refusal(address) is not None:
            # Allowed once, when the run was submitted.
            return "gone"
        headers = {
            "content-type": "application/json",
            "user-agent": "isthmus",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(
                secret_of(self._secret, tenant), body, message_id=message_id, timestamp=timestamp
            ),
        }
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                return _reception(answer.status_code)
        except (httpx.HTTPError, TimeoutError):
            return "failed"


def secret_of(secret: str, tenant: str) -> str:
    """Return the secret that a tenant's receivers check messages by: one cannot make messages to another."""
    own = hmac.digest(secret.encode(), b"isthmus webhooks of " + tenant.encode(), hashlib.sha256)
    return "whsec_" + base64.b64encode(own).decode()


def signature(secret: str, body: bytes, *, message_id: str, timestamp: int) -> str:
    """Return the value of `webhook-signature`; `timestamp` is in seconds since the epoch."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, b"%s.%d.%s" % (message_id.encode(), timestamp, body), hashlib.sha256)
    return "v1," + base64.b64encode(signed).decode()


def _reception(status: int) -> Reception:
    if httpx.codes.is_success(status):
        return "taken"
    return "gone" if status == httpx.codes.GONE else "failed"


def _url(address: str) -> httpx.URL | None:
    if len(address) > MAX_ADDRESS:
        return None
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, UnicodeError):
        return None
    return None if url.userinfo or url.fragment or not url.host else url


def _origin(url: httpx.URL) -> Origin:
    return url.scheme, url.host, url.port


def _origin_of_host(host: str) -> Origin:
    url = _url(host if "://" in host else f"https://{host}")
    if url is None or url.scheme not in ("http", "https") or url.raw_path not in (b"", b"/"):
        message = f"{host[:100]!r} is no host: write hooks.example.com, with a port or http:// in front where need be"
        raise ValueError(message)
    return _origin(url)
