"""Tells receivers what became of runs: at once, and again until they take it, also after a restart.

That a receiver has to be told stands in the run's row, written with the state that it is told of. A message may come
twice, after a crash between sending and noting that; a run that went on meanwhile is not told of as it was.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog

from sandbox.weight import in_its_place
from service.errors import ServiceError
from service.runs.order import Rules
from service.runs.record import Run
from service.runs.running import Running
from service.runs.stored import load, run_of_stored
from service.store.database import Store
from service.store.webhooks import WebhookRow, due_webhooks, putting_off
from service.webhooks import MAX_ATTEMPTS, Sender

_LOOK_SECONDS = 1.0
_MOST = 1_000
_AT_ONCE = 64
# A receiver that is slow holds up its own tenant's messages, and not for long those of others.
_AT_ONCE_OF_TENANT = 8

# Of a run of a tenant: the address, and the run as it is told; None when there is nothing to tell any more.
Message = Callable[[str, str], Awaitable[tuple[str, bytes] | None]]


def deliveries_of(
    running: Running, rules: Rules, sender: Sender | None, write: Callable[[Run], bytes] | None
) -> "WebhookDeliveries | None":
    """Return what delivers the messages of the runs that a process has in hand, None when nobody may be told."""
    if running.store is None or sender is None or write is None:
        return None

    async def message(run_id: str, tenant: str) -> tuple[str, bytes] | None:
        stored = await load(running, run_id, tenant=tenant)
        if stored is None or stored.submission.webhook is None:
            return None
        run = await run_of_stored(stored, rules.registry)
        return stored.submission.webhook, await in_its_place(run.weight, lambda: write(run))

    deliveries = WebhookDeliveries(running.store, sender, message=message, log=structlog.get_logger("isthmus"))
    running.on_rest = deliveries.poke
    return deliveries


class WebhookDeliveries:
    """The messages that are to be sent; belongs to one event loop."""

    def __init__(self, store: Store, sender: Sender, *, message: Message, log: Any) -> None:
        self._store = store
        self._sender = sender
        self._message = message
        self._log = log
        self._poked = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._by_tenant: Counter[str] = Counter()

    def open(self) -> None:
        """Send what is due from now on."""
        self._looking = asyncio.create_task(self._look())

    def poke(self) -> None:
        """Look now: something has become due."""
        self._poked.set()

    async def close(self) -> None:
        """Send nothing more; what is under way is sent again by whoever opens the store next."""
        tasks = [*self._sending.values(), *([] if self._looking is None else [self._looking])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._sender.close()

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(ServiceError):
                for row in await self._due():
                    self._begin(row)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._poked.wait()
            self._poked.clear()

    async def _due(self) -> list[WebhookRow]:
        now = time.time_ns() // 1000
        return await self._store.read(lambda connection: due_webhooks(connection, now=now, limit=_MOST))

    def _begin(self, row: WebhookRow) -> None:
        full = len(self._sending) >= _AT_ONCE or self._by_tenant[row.tenant] >= _AT_ONCE_OF_TENANT
        if full or row.id in self._sending:
            return
        self._by_tenant[row.tenant] += 1
        task = self._sending[row.id] = asyncio.create_task(self._tell(row))
        task.add_done_callback(lambda _: self._end(row))

    def _end(self, row: WebhookRow) -> None:
        del self._sending[row.id]
        self._by_tenant[row.tenant] -= 1
        self.poke()

    async def _tell(self, row: WebhookRow) -> None:
        with contextlib.suppress(ServiceError):
            attempt = row.webhook_attempts + 1
            due = time.time_ns() // 1000 + round(self._sender.pause_after(attempt) * 1e6)
            # Noted before it is sent: after a crash it is sent again, later, and not by two at once.
            if not await self._store.write(putting_off(row, due=due, attempts=attempt)):
                return
            if await self._is_over(row, attempt):
                noted = replace(row, webhook_due=due, webhook_attempts=attempt)
                await self._store.write(putting_off(noted, due=None, attempts=attempt))

    async def _is_over(self, row: WebhookRow, attempt: int) -> bool:
        """Send the message once, and say whether it need not be sent again."""
        found = await self._message(row.id, row.tenant)
        if found is None:
            return True
        address, body = found
        message_id = f"msg_{row.id}_{row.wake}"
        reception = await self._sender.send(
            address, body, tenant=row.tenant, message_id=message_id, timestamp=int(time.time())
        )
        is_over = reception != "failed" or attempt >= MAX_ATTEMPTS
        if is_over and reception != "taken":
            self._log.warning("webhook_given_up", id=row.id, tenant=row.tenant, attempts=attempt, reason=reception)
        return is_over
