"""The runs of one tenant, with the rights of whoever asks: what `api` may do with them, a method per verb."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of
from service.rights import Caller
from service.runs import ending, reading
from service.runs import patch as patching
from service.runs.journal_reads import JournalReads
from service.runs.order import Rules
from service.runs.record import Run, RunCall
from service.runs.resume import Answer, resume
from service.runs.running import Running
from service.store.rows import RunFilter

_Shown = TypeVar("_Shown")


class TenantRuns:
    """Runs as one caller may read and change them; an id of another tenant's is as one that never was."""

    def __init__(self, running: Running, rules: Rules, caller: Caller, journal_reads: JournalReads) -> None:
        self._running = running
        self._rules = rules
        self._caller = caller
        self._tenant = caller.tenant
        self._journal_reads = journal_reads

    async def read(self, run_id: str, *, wait_seconds: float = 0.0) -> Run:
        """Return a run, after waiting for one that goes on.

        Raises:
            RunNotKept: it is unknown, or was not kept.
        """
        return await reading.read_run(
            self._running, self._rules, run_id, tenant=self._tenant, wait_seconds=wait_seconds
        )

    async def page(self, where: RunFilter, *, limit: int, cursor: str | None = None) -> reading.Page:
        """Return a page of the runs that are kept, the newest first."""
        return await reading.list_page(self._running, where, tenant=self._tenant, limit=limit, cursor=cursor)

    async def calls(self, run_id: str, show: Callable[[tuple[RunCall, ...]], _Shown]) -> _Shown:
        """Return all calls of a run as `show` makes them, on a thread when there is much to show.

        Raises:
            RunNotKept: as `read`.
        """
        async with self._journal_reads.places(self._tenant):
            calls = await reading.read_calls(self._running, self._rules, run_id, tenant=self._tenant)
            weight = weight_of([[one.arguments, one.output] for one in calls], enough=HEAVY_BYTES)
            return await in_its_place(weight, lambda: show(calls))

    async def journal(self, run_id: str) -> str:
        """Return the journal of a run; raises as `read` does, and JournalNotKept."""
        async with self._journal_reads.places(self._tenant):
            return await reading.read_journal(self._running, run_id, tenant=self._tenant)

    async def report(self, run_id: str) -> str:
        """Return the report of a finished run, as HTML.

        Raises:
            RunNotKept: it is unknown, or was not kept.
            NoReport: its submission did not ask for one, or it was ended before one could be made.
        """
        return await reading.read_report(self._running, self._rules, run_id, tenant=self._tenant)

    async def resume(self, run_id: str, answers: Sequence[Answer], *, wait_seconds: float | None = None) -> Run:
        """Answer calls of a run that waits; see `runs.resume`."""
        return await resume(self._running, self._rules, run_id, answers, caller=self._caller, wait_seconds=wait_seconds)

    async def cancel(self, run_id: str) -> Run:
        """End a run; see `runs.ending`."""
        return await ending.cancel(self._running, self._rules, run_id, tenant=self._tenant)

    async def forget(self, run_id: str) -> None:
        """Delete a run that has ended; see `runs.ending`."""
        await ending.forget(self._running, run_id, tenant=self._tenant)

    async def patch(self, run_id: str, correction: patching.Correction) -> Run:
        """Begin a run of corrected source that takes over a run's journal; see `runs.patch`."""
        return await patching.patch(self._running, self._rules, run_id, correction, caller=self._caller)

    async def preview(self, run_id: str, correction: patching.Correction) -> dict[str, Any]:
        """Return what a patch would do; see `runs.patch`."""
        return await patching.preview_patch(self._running, self._rules, run_id, correction, caller=self._caller)

    async def fork(self, run_id: str, at_call: str, output: Any, *, wait_seconds: float | None = None) -> Run:
        """Begin a run in which one call has another value; see `runs.patch`."""
        return await patching.fork(
            self._running, self._rules, run_id, at_call, output, caller=self._caller, wait_seconds=wait_seconds
        )
