"""The records of a journal: header, calls with their keys, entries; `journal` says which may follow which."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from sandbox import values
from sandbox.turns import Call, Failure, Outcome, Program

How = Literal["returned", "raised", "limit"]
Ask = Literal["client_function", "approval"]
ASKS: tuple[Ask, ...] = get_args(Ask)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a run started with: all that replay needs beside the program's text and the entries."""

    program_digest: str
    """Of source, functions, policy, environment, and whether it runs from compiled code, which takes less fuel, and in
    isolates that are reused, where it takes any.

    Of the guest image's packages, too, where it names one.

    Not of the code itself: program and engine version decide it, and another build of the guest, which compiles the
    same program to other code, may go on with the run. Code that is not what they decide shows as a divergence.
    """
    source_digest: str
    engine: str
    engine_version: str
    seed: int
    now: int
    """The first turn's time, nanoseconds since the epoch."""
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(
        program: Program, *, engine: str, engine_version: str, inputs: Mapping[str, Any], seed: int, now: int
    ) -> "Header":
        """Return the header of a run of `program`."""
        functions = [[spec.name, spec.is_async, spec.is_task] for spec in program.functions]
        identity: list[Any] = [program.source, functions, program.guarded, program.stack_depth]
        identity += [program.compiled is not None, sorted(program.env_vars.items())]
        identity += ["reused"] if program.reuse is not None else []
        identity += [["image", program.image]] if program.image is not None else []
        return Header(
            program_digest=_digest(json.dumps(identity)),
            source_digest=_digest(program.source),
            engine=engine,
            engine_version=engine_version,
            seed=seed,
            now=now,
            inputs=inputs,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKey:
    """What makes a call the same in another execution, also of an edited program."""

    function: str
    digest: str
    """Of the arguments, bound to the function's signature."""
    nth: int
    """How many equal calls came before, in the order in which the guest made them."""

    def __str__(self) -> str:
        return f"{self.function}:{self.digest}:{self.nth}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCall:
    """A call as the guest made it, and what it was bound to."""

    call: Call
    arguments: Mapping[str, Any] | None = None
    """By parameter; None when they did not fit, or the journal was read."""
    recorded_digest: str | None = None

    def digest(self) -> str:
        """Return the digest of the arguments; walks over them, so it is asked for where it is needed only."""
        return self.recorded_digest or digest_of(self.call, self.arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A turn ended: the guest made calls and waits."""

    kind: ClassVar[str] = "asked"
    calls: tuple[MadeCall, ...] = ()
    waiting_for: tuple[int, ...] | None = None
    """None: for every call that was neither told nor given up. Written out, a wide gather would cost the square of
    its width."""
    wake_at: int | None = None
    cancelled: tuple[int, ...] = ()
    fuel: int | None = 0
    """What the program had used by the end of the turn; None: the engine does not count it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The next turn begins: the guest is handed the time and the outcomes of some calls."""

    kind: ClassVar[str] = "told"
    now: int
    delivered: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The function is about to be called; more than once for calls that may be repeated."""

    kind: ClassVar[str] = "sent"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """Somebody outside is asked: the caller for the outcome, or whoever may for an approval."""

    kind: ClassVar[str] = "announced"
    number: int
    ask: Ask
    expires_at: int
    """When nobody waits for the answer any more, nanoseconds since the epoch, by the host's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """The call may be made."""

    kind: ClassVar[str] = "approved"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The outcome is there."""

    kind: ClassVar[str] = "settled"
    outcome: Outcome

    @property
    def number(self) -> int:
        return self.outcome.number


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeUnknown:
    """The function was called, and nobody can say what became of it."""

    kind: ClassVar[str] = "outcome_unknown"
    outcome: Outcome

    @property
    def number(self) -> int:
        return self.outcome.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """Nobody waits for the call any more: the guest gave it up, or ended."""

    kind: ClassVar[str] = "abandoned"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The program has ended; nothing follows."""

    kind: ClassVar[str] = "ended"
    how: How
    fuel: int | None = 0


CallEntry = Announced | Approved | Sent | Settled | OutcomeUnknown | Abandoned
Entry = Asked | Told | CallEntry | Ended


def outcome_unknown(call: Call) -> OutcomeUnknown:
    """Return the entry for a call that was sent and must not be repeated."""
    message = f"{call.function}() was called, and it is not known what became of it; it was not called again"
    failure = Failure(
        type="OutcomeUnknown",
        message=message,
        arguments=(message,),
        hint="find out with another function whether it took effect, or catch OutcomeUnknown",
    )
    return OutcomeUnknown(outcome=Outcome(number=call.number, failure=failure))


def digest_of(call: Call, arguments: Mapping[str, Any] | None) -> str:
    """Return the digest of a call's arguments; keywords of variadic functions are names, their order means nothing."""
    canonical = {"args": list(call.args), "kwargs": call.kwargs} if arguments is None else dict(arguments)
    variadic = canonical.get("kwargs")
    if isinstance(variadic, dict):
        canonical["kwargs"] = dict(sorted(variadic.items(), key=lambda pair: str(pair[0])))
    return _digest(values.encode(canonical))


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
