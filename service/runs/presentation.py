"""What is shown with a run because its submission asked for it: links, documentation, a report."""

import dataclasses
from dataclasses import dataclass

from sandbox.execute import Finished
from sandbox.options import Link
from sandbox.report import Reported, report_of
from sandbox.turns import ErrorReport, Note
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of
from service.runs.order import Order
from service.runs.submission import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """What is shown with one run."""

    links: tuple[Link, ...] = ()
    docs: str | None = None
    report: str | None = None
    """An HTML page of its own."""
    report_is_stored: bool = False
    """Whether the store has the page, which is not read with the run."""

    @property
    def has_report(self) -> bool:
        """Whether there is a page."""
        return self.report is not None or self.report_is_stored

    def weight(self) -> int:
        """Return about how many bytes of memory it takes."""
        return weight_of([self.docs, self.report, [[link.name, link.url] for link in self.links]])


NOTHING = Presentation()


async def presentation_of(
    submission: Submission,
    order: Order,
    finished: Finished,
    *,
    run_id: str,
    engine: str,
    error: ErrorReport | None,
    notes: tuple[Note, ...],
) -> Presentation:
    """Return what is shown with a run; `error` and `notes` are those of its answer."""
    if not (submission.links or submission.docs or submission.report):
        return NOTHING
    links = filled_links(submission, run_id)
    report = None
    if submission.report:
        told = Reported(
            id=run_id,
            name=submission.name,
            source=order.program.source,
            inputs=order.inputs,
            limits=order.limits,
            links=links,
            engine=engine,
        )
        ended = dataclasses.replace(finished, error=error, notes=notes)
        # It shows a bounded part of the values, and takes some milliseconds.
        report = await in_its_place(HEAVY_BYTES, lambda: report_of(told, ended))
    return Presentation(links=links, docs=submission.docs, report=report)


def filled_links(submission: Submission, run_id: str) -> tuple[Link, ...]:
    """Return the links of a submission for one run of it."""
    places = {"run_id": run_id, "template": submission.name, "name": submission.name}
    return tuple(link.filled(**places) for link in submission.links)
