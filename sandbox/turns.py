"""The turn protocol: what crosses between a guest and its host, as data.

A turn begins when the host hands the guest the time and the outcomes of some of its calls; the guest runs until it
cannot go on without the host, and the turn ends with a `Progress`. Nothing else crosses. The host advances an
execution as soon as one call of `waiting_for` is settled or `wake_at` is reached, and delivers all settled calls of
`waiting_for`. Same program, inputs, seed and turns give the same calls, value, output and fuel.

    start -> Blocked -> advance -> Blocked -> ... -> Returned | Raised | LimitExceeded
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.divergence import Divergence


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """A function as the guest knows it: its name, and whether calling it in a running event loop is awaited."""

    name: str
    is_async: bool = False
    is_task: bool = False
    """Whether it is a template: `flyte_map` then gives its failures as results, unless it is told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What an engine runs."""

    source: str
    functions: tuple[FunctionSpec, ...] = ()
    guarded: bool = True
    """Whether the language policy applies; the other walls always do."""
    stack_depth: int | None = None
    """How many calls of its own may be under way in one another; None: as many as the interpreter allows, 1,000."""
    env_vars: Mapping[str, str] = field(default_factory=dict)
    """What `os.environ` holds when the program starts; in the order of the names, whatever order they are given in."""
    tenant: str = ""
    """Whose it is: what was compiled for one never runs for another."""
    compiled: "CompiledCode | None" = None
    """What an engine made of it, to be run instead of the source, which is then only quoted in errors."""
    reuse: "Reuse | None" = None
    """On which terms isolates are kept for its next runs; None: every run has one of its own."""
    image: str | None = None
    """The reference of the guest image that it runs on, `sha256:...`; None: the guest that ships."""
    interruptible: bool = False
    """Whether its runs give their isolates up when others would have to wait; they go on by replay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reuse:
    """On which terms isolates are kept after a run, for the next run of the same program of the same owner."""

    owner: str
    """Whose they are: what was kept for one owner never serves another, were their programs the same."""
    fewest: int
    """Of those that exist, so many stay until `idle_seconds` are over."""
    most: int
    """How many runs may hold one at a time; further runs wait."""
    idle_seconds: float
    """After how long without any run all of them go."""
    scaledown_seconds: float
    """After how long unused one of them goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledCode:
    """A program as an engine compiled it. See `sandbox.compiled` for what it is bound to."""

    text: str
    """Opaque: nobody but the guest reads it."""
    binding: str
    """A digest of the text and of everything that it depends on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A guest asks for a function. Numbers count from 1 in the order in which the guest makes its calls."""

    number: int
    function: str
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    line: int = 0
    """Line of the program, 0 when unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a call failed, as the guest may see it: no path, no traceback of the host.

    `arguments` are those of the exception, so that a built-in exception can be made again.
    """

    type: str
    message: str
    arguments: tuple[Any, ...] = ()
    hint: str | None = None

    @property
    def too_large(self) -> tuple[str, str]:
        """The limit and the path of a `sandbox.terms.ResultTooLarge`, which ends the run; of others two empty texts."""
        if self.type != "ResultTooLarge" or [*map(type, self.arguments)] != [str, str, str]:
            return "", ""
        return self.arguments[1], self.arguments[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a call: a value, or a failure that is raised at the call site."""

    number: int
    value: Any = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a turn after the first one begins with."""

    now: int
    """Nanoseconds since the epoch."""
    outcomes: tuple[Outcome, ...]
    unknown: frozenset[int] = frozenset()
    """Those of the outcomes that say that nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One line of a guest's traceback; lines and columns count from 1."""

    line: int | None
    column: int | None
    function: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of a source; lines and columns count characters from 1, the end is the column behind the last one."""

    line: int
    column: int
    end_line: int
    end_column: int


Mode = Literal["async", "sync", "mixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a guest says of a program that it has compiled and not run. As untrusted as the program is."""

    mode: Mode
    """`async` awaits at its top level, `sync` has nothing that is async, `mixed` defines async functions only."""
    value: Place | None
    """Where the expression stands that is the value of the program."""
    names: frozenset[str]
    """Names that it reads, and functions that it names to `flyte_map`; the first thousand."""
    free: tuple[tuple[str, Place], ...]
    """Names that it reads and binds nowhere, its functions and Python's own left out; the first hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """What became of compiling a program: code, or why there is none; and what was noted about it."""

    code: CompiledCode | None = None
    survey: Survey | None = None
    error: "ErrorReport | None" = None
    notes: "tuple[Note, ...]" = ()


NOT_IN_ENGINE = "not-in-engine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One place where a source breaks the language policy; lines and columns count from 1."""

    line: int
    column: int
    code: str
    """A key of `sandbox.policy.RULES`; `not-in-engine` for what an engine lacks; or a rule of the type checker."""
    message: str
    hint: str


Kind = Literal["syntax", "policy", "type", "runtime", "limit", "function", "divergence", "platform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReport:
    """Why an execution failed, for whoever repairs the program. Only `platform` is ours, and ours to retry."""

    kind: Kind
    type: str
    message: str
    traceback: tuple[Frame, ...] = ()
    hint: str | None = None
    violations: tuple[Violation, ...] = ()
    """Of kind `policy`: the first thirty."""
    divergence: Divergence | None = None
    """Of kind `divergence`: what was recorded and what was observed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What an execution has used up to the end of a turn."""

    fuel: int | None = 0
    """None, as `memory_bytes`: the engine does not count it."""
    cpu_seconds: float = 0.0
    memory_bytes: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was done for a program beside running it as it stands, or what it should rather say: nothing is silent."""

    code: str
    """A key of `sandbox.policy.NOTES`, which has the text."""
    line: int
    """Line of the text as it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How a turn ended; `output` is the text printed in it, `notes` are those made in it."""

    output: str = ""
    spent: Spent = field(default_factory=Spent)
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked(Progress):
    """The guest waits: for the first of some calls, for a time, or for whichever comes first."""

    new_calls: tuple[Call, ...] = ()
    waiting_for: tuple[int, ...] = ()
    wake_at: int | None = None
    """Nanoseconds since the epoch."""
    cancelled_calls: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned(Progress):
    """The program ended; `value` is that of its last expression."""

    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised(Progress):
    """The program was refused, or ended with an exception."""

    error: ErrorReport


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitExceeded(Progress):
    """The execution was ended from outside, beyond the program's reach.

    `limit` is the name of a field of `Limits`, or `value_nodes`, `value_levels`, `stack`.
    """

    limit: str
    allowed: float | None = None
    detail: str = ""
    """With what it was reached, and how much that is, as in `the arguments of add(): 1,001 bytes`."""
    line: int = 0
    """Line of the program where it was reached, 0 when unknown."""
    output_truncated: bool = False
    traceback: tuple[Frame, ...] = ()
    """Where the program was, as far as the guest could still tell."""
