"""One run of a template, with everything that is known of it."""

import asyncio
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.calls import CallRecord
from sandbox.errors import LoopRunning, SandboxError
from sandbox.execute import Finished, Usage
from sandbox.interface import OUTPUT
from sandbox.options import Link
from sandbox.report import Reported, report_of
from sandbox.steps import Recording
from sandbox.templates.records import listening
from sandbox.templates.sandboxed import SandboxedTaskTemplate
from sandbox.templates.template import TaskTemplate
from sandbox.turns import ErrorReport, Note


class Outputs(tuple[Any, ...]):
    """The outputs of a run by place and by name: `(value,)` with `.o0`; empty when the template declares none."""

    __slots__ = ()

    @property
    def o0(self) -> Any:
        """The value."""
        return self[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that has ended. `run(...)` returns one that has a value, and raises where there is none: as `error.run`."""

    id: str
    name: str
    """The template's."""
    value: Any = None
    error: ErrorReport | None = None
    """Why it failed; None when it has a value."""
    stdout: str = ""
    """What the program printed."""
    stdout_truncated: bool = False
    calls: tuple[CallRecord, ...] = ()
    """The calls of functions of the last attempt, in the program's order."""
    usage: Usage | None = None
    """What all attempts used together, and the most memory of one; None for a function, which runs in no isolate."""
    cached: bool = False
    """Whether nothing ran: the value is that of an equal run, earlier, which is all that is kept of one."""
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()
    """What was done for the program beside running it as it stands; `sandbox.policy.NOTES` has the texts."""
    report: str | None = field(default=None, repr=False)
    """An HTML page of its own, of at most 4 MiB, where the template has `report`."""
    recording: Recording | None = field(default=None, repr=False)
    """What `steps(run)` needs of the last attempt, where the template is `debuggable`."""
    _names: tuple[str, ...] = field(default=(), repr=False)

    def outputs(self) -> Outputs:
        """Return the outputs as Flyte has them."""
        return Outputs((self.value,) if self._names else ())


class _Runner:
    """`run(template, **inputs)` and `await run.aio(template, **inputs)`."""

    def __call__(self, template: TaskTemplate, /, *args: Any, **inputs: Any) -> Run:
        """Run a template to its end; blocks.

        Raises:
            TypeError: it is no template, or the arguments do not fit its inputs.
            LoopRunning: an event loop runs in this thread: write `await run.aio(...)`.
            GuestError: the program was refused, failed, or reached a limit; `error.run` tells what it did till then.
            HostError: the sandbox failed; trying again may help.
        """
        _check(template)
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.aio(template, *args, **inputs))
        message = f"{template.name!r} was run where an event loop runs: write `await run.aio(template, ...)`"
        raise LoopRunning(message)

    async def aio(self, template: TaskTemplate, /, *args: Any, **inputs: Any) -> Run:
        """Run a template to its end; raises what the run raised."""
        _check(template)
        known = _known_before(template)
        with listening() as told:
            try:
                value = await template.aio(*args, **inputs)
            except SandboxError as error:
                if told:
                    finished = _failed(told[-1], error)
                    error.run = replace(known, error=finished.error, **_told(known, template, finished))
                raise
        return replace(known, value=value, **(_told(known, template, told[-1]) if told else {}))


run = _Runner()


def _known_before(template: TaskTemplate) -> Run:
    identity = f"run_{uuid.uuid4().hex}"
    filled = {"run_id": identity, "template": template.name, "name": template.short_name}
    return Run(
        id=identity,
        name=template.name,
        links=tuple(link.filled(**filled) for link in template.links),
        _names=(OUTPUT,) if template.interface.outputs else (),
    )


def _told(known: Run, template: TaskTemplate, finished: Finished) -> dict[str, Any]:
    told: dict[str, Any] = {
        "stdout": finished.output,
        "stdout_truncated": finished.output_truncated,
        "calls": finished.calls,
        "usage": finished.usage,
        "notes": finished.notes,
        "cached": finished.cached,
    }
    if isinstance(template, SandboxedTaskTemplate):
        told["report"] = _report(known, template, finished) if template.report else None
        told["recording"] = _recording(template, finished) if template.debuggable else None
    return told


def _report(known: Run, template: SandboxedTaskTemplate, finished: Finished) -> str:
    header = None if finished.journal is None else finished.journal.header
    reported = Reported(
        id=known.id,
        name=known.name,
        source=template.source_as_sent,
        inputs={} if header is None else header.inputs,
        limits=template.effective_limits,
        links=known.links,
        engine=template.asked_engine
        if header is None
        else f"{header.engine} {header.engine_version}, seed {header.seed}",
    )
    return report_of(reported, finished)


def _recording(template: SandboxedTaskTemplate, finished: Finished) -> Recording | None:
    if finished.journal is None or finished.program is None:
        return None
    return Recording(program=finished.program, limits=template.effective_limits, journal=finished.journal)


def _failed(finished: Finished, error: SandboxError) -> Finished:
    """Return how a run failed, also one whose program had ended well: its value did not fit, or a hook raised."""
    if finished.error is not None:
        return finished
    return replace(finished, error=ErrorReport(kind="type", type=type(error).__name__, message=str(error)))


def _check(template: object) -> None:
    if not isinstance(template, TaskTemplate):
        message = f"run() takes a template, not {template!r}: decorate the function with @env.task, or call it"
        raise TypeError(message)
