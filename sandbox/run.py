"""One run of a template, with everything that is known of it."""

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any

from sandbox.calls import CallRecord
from sandbox.errors import LoopRunning
from sandbox.execute import Finished, Usage
from sandbox.interface import OUTPUT
from sandbox.options import Link
from sandbox.templates.records import listening
from sandbox.templates.template import TaskTemplate
from sandbox.turns import Note


class Outputs(tuple[Any, ...]):
    """The outputs of a run by place and by name: `(value,)` with `.o0`; empty when the template declares none."""

    __slots__ = ()

    @property
    def o0(self) -> Any:
        """The value."""
        return self[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that has ended with a value; one that fails raises instead."""

    id: str
    name: str
    """The template's."""
    value: Any
    stdout: str = ""
    """What the program printed."""
    stdout_truncated: bool = False
    calls: tuple[CallRecord, ...] = ()
    """The calls of functions of the last attempt, in the program's order."""
    usage: Usage | None = None
    """What the last attempt used; None for a function, which runs in no isolate."""
    cached: bool = False
    """Whether nothing ran: the value is that of an equal run, earlier, which is all that is kept of one."""
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()
    """What was done for the program beside running it as it stands; `sandbox.policy.NOTES` has the texts."""
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
            GuestError: the program was refused, failed, or reached a limit.
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
        identity = f"run_{uuid.uuid4().hex}"
        with listening() as told:
            value = await template.aio(*args, **inputs)
        filled = {"run_id": identity, "template": template.name, "name": template.short_name}
        return Run(
            id=identity,
            name=template.name,
            value=value,
            links=tuple(link.filled(**filled) for link in template.links),
            _names=(OUTPUT,) if template.interface.outputs else (),
            **(_told(told[-1]) if told else {}),
        )


run = _Runner()


def _told(finished: Finished) -> dict[str, Any]:
    return {
        "stdout": finished.output,
        "stdout_truncated": finished.output_truncated,
        "calls": finished.calls,
        "usage": finished.usage,
        "notes": finished.notes,
        "cached": finished.cached,
    }


def _check(template: object) -> None:
    if not isinstance(template, TaskTemplate):
        message = f"run() takes a template, not {template!r}: decorate the function with @env.task, or call it"
        raise TypeError(message)
