"""The type checker, shared out among tenants: it checks a few programs at once, and whose turn it is goes by tenant.

However many programs one tenant has checked, those of another wait for one of them at most, and no thread waits.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from sandbox.checker.check import Checked, check_types
from sandbox.checker.process import AT_ONCE, PATIENCE_SECONDS
from sandbox.engine import Engine
from sandbox.turns import Survey
from service.rights import Caller, Rights
from service.runs.admission import Admission
from service.runs.order import Order

# Of one tenant: each of them holds a place of its own among the runs, which are fewer.
_MAX_WAITING = 1_000_000


class TypeChecks:
    """Checks programs; belongs to one event loop.

    Args:
        engine: compiles what is to be checked, and says what there is in it.
        at_once: how many are checked at a time.
        patience_seconds: how long one waits for its turn.
        check: blocks until a program is checked.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        at_once: int = AT_ONCE,
        patience_seconds: float = PATIENCE_SECONDS,
        check: Callable[..., Checked] = check_types,
    ) -> None:
        self.engine = engine
        self._places = Admission(max_running=at_once, max_queued=_MAX_WAITING)
        self._patience_seconds = patience_seconds
        self._check = check

    async def checked(self, source: str, survey: Survey, order: Order, *, caller: Caller) -> Checked:
        """Return what the checker says of a program; that it had no time for it, when the wait was too long."""
        # What the tenant may submit was judged when it did; here only its share counts.
        waiting = replace(caller, rights=Rights(share=caller.rights.share))
        try:
            async with asyncio.timeout(self._patience_seconds):
                place = await self._places.place(waiting)
        except TimeoutError:
            return Checked(unchecked="the type checker has more to do than it comes to; send it again")
        with place:
            return await asyncio.to_thread(
                self._check, source, survey, inputs=order.input_types, functions=order.functions, output=order.output
            )
