"""The errors of the sandbox: whose fault it is, and whether trying again can help.

    SandboxError
      GuestError         what the source said or did; never ours to retry
        SourceRejected     syntax, language policy or types, all violations at once
        GuestRaised        the program ended with an exception
        LimitExceeded      the program reached a limit
        ValueRejected      a value that may not cross, with its path
          ValueTooLarge      one that is beyond a limit
          HashesCollide      the same for what it would cost the host to hold it
          OutputRejected     the program's value does not fit the declared output
      HostError          our side; trying again may help
        EngineUnavailable  no engine could be started
        EngineCrashed      a worker process died under the execution
        ImageToolsMissing  guest images cannot be built here
      ImageRefused       a package cannot be part of a guest image
      ImageNotBuilt      there is no such guest image here
        ImageBuilding      not yet
      MisuseError        the caller's or our own programming error
        LoopRunning        a blocking call where an event loop runs
      NonRecoverable     raised by a function: trying again cannot help

This module is also part of the guest: it imports nothing but the standard library.
"""

from typing import Any


class SandboxError(Exception):
    """Anything the sandbox raises on purpose.

    Attributes:
        run: the `Run` that failed so, where `run(template, ...)` raised it; None elsewhere.
    """

    code = "sandbox_error"
    run: Any = None


class GuestError(SandboxError):
    """The program, or a value that it handles, is at fault."""

    code = "guest_error"


class ValueRejected(GuestError):
    """A value cannot cross the wall.

    Attributes:
        path: where in the value, as in `$.rows[3].ratio`.
        reason: what is wrong there and what to do instead.
    """

    code = "value_rejected"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{'the value' if path == '$' else path} {reason}")
        self.path = path
        self.reason = reason


class OutputRejected(ValueRejected):
    """The program's value does not fit the type that its template declares.

    Attributes:
        hint: what to write instead.
    """

    code = "output_rejected"

    def __init__(self, path: str, reason: str, hint: str) -> None:
        super().__init__(path, f"{reason}; {hint}")
        self.hint = hint


class SourceRejected(GuestError):
    """The source is no Python, says what the language policy does not allow, or does not fit its types.

    Attributes:
        kind: `syntax`, `policy` or `type`.
        message: what is wrong, every violation with its line.
        frames: one per violation: line, column, source line.
        hint: what to write instead.
        violations: of the policy or the types, the first thirty: line, column, code, message and hint of each.
    """

    code = "source_rejected"

    def __init__(
        self,
        kind: str,
        message: str,
        frames: tuple[object, ...] = (),
        hint: str | None = None,
        violations: tuple[object, ...] = (),
    ) -> None:
        super().__init__(kind, message, frames, hint, violations)
        self.kind = kind
        self.message = message
        self.frames = frames
        self.hint = hint
        self.violations = violations

    @property
    def line(self) -> int | None:
        """The first line at fault, in the text as it was sent."""
        return getattr(self.frames[0], "line", None) if self.frames else None

    @property
    def source(self) -> str:
        """That line's text."""
        return getattr(self.frames[0], "source", "") if self.frames else ""

    def __str__(self) -> str:
        return _told(f"{self.kind}: {self.message}", self.frames, self.hint)


class GuestRaised(GuestError):
    """The program ended with an exception; for a built-in type, what is raised derives from that type too.

    Attributes:
        type: the name of the exception's type.
        message: its text.
        frames: the program's own frames, the outermost first.
        hint: what to write instead, when that is known.
        kind: `function` when a function raised it, `type` when a value could not cross, else `runtime`.
    """

    code = "guest_raised"

    def __init__(
        self,
        type: str,  # noqa: A002 - what callers read
        message: str,
        frames: tuple[object, ...] = (),
        hint: str | None = None,
        kind: str = "runtime",
    ) -> None:
        Exception.__init__(self, type, message, frames, hint, kind)
        self.type = type
        self.message = message
        self.frames = frames
        self.hint = hint
        self.kind = kind

    def __str__(self) -> str:
        return _told(f"{self.type}: {self.message}", self.frames[-1:], self.hint)


class LimitExceeded(GuestError):
    """The program reached a limit and was ended.

    Attributes:
        which: a field of `Limits`, or `value_nodes`, `value_levels`, `stack`.
        allowed: the limit's value.
        hint: what to change.
        frames: where the program was, as far as that could still be told.
    """

    code = "limit_exceeded"

    def __init__(
        self,
        which: str,
        allowed: float | None,
        message: str,
        hint: str | None = None,
        frames: tuple[object, ...] = (),
    ) -> None:
        super().__init__(which, allowed, message, hint, frames)
        self.which = which
        self.allowed = allowed
        self.message = message
        self.hint = hint
        self.frames = frames

    def __str__(self) -> str:
        return _told(self.message, self.frames[-1:], self.hint)


class ValueTooLarge(ValueRejected):
    """A value takes more bytes, or has more nodes or levels, than the limits allow.

    Attributes:
        limit: `value_bytes`, `value_nodes` or `value_levels`.
        used: how many bytes it takes; None for nodes and levels, of which no more are counted than are allowed.
    """

    code = "value_too_large"

    def __init__(self, path: str, reason: str, limit: str = "value_bytes", used: int | None = None) -> None:
        super().__init__(path, reason)
        self.limit = limit
        self.used = used


class HashesCollide(ValueRejected):
    """A set or a dictionary of values that share a hash, which takes the host a time quadratic in its size."""

    code = "hashes_collide"

    def __init__(self, path: str, what: str) -> None:
        super().__init__(path, f"holds {what}; return a list")


class HostError(SandboxError):
    """Our side failed; the same request may succeed when it is repeated."""

    code = "host_error"


class EngineUnavailable(HostError):
    """No interpreter could be started."""

    code = "engine_unavailable"


class EngineCrashed(HostError):
    """The worker process died while it held the execution.

    Attributes:
        under_way: whether the program had a turn there when it died, so that it may have been the cause.
    """

    code = "engine_crashed"

    def __init__(self, message: str = "", *, under_way: bool = False) -> None:
        super().__init__(message)
        self.under_way = under_way


class ExecutionParked(HostError):
    """The execution gave its isolate up, while it waited or in the middle of a turn; its program goes on by replay."""

    code = "execution_parked"


class ImageToolsMissing(HostError):
    """What builds guest images is not installed."""

    code = "image_tools_missing"


class ImageRefused(SandboxError):
    """A package cannot be part of a guest image.

    Attributes:
        package: its name, or the requirement.
        reason: why, and what to do instead.
    """

    code = "image_refused"

    def __init__(self, package: str, reason: str) -> None:
        super().__init__(f'the package "{package}" cannot be part of a guest image: {reason}')
        self.package = package
        self.reason = reason


class ImageNotBuilt(SandboxError):
    """A program asks for a guest image that is not here."""

    code = "image_not_built"


class ImageBuilding(ImageNotBuilt):
    """A program asks for a guest image that is being built."""

    code = "image_building"


class MisuseError(SandboxError):
    """A sequence of calls that the protocol forbids; a bug on the host's side."""

    code = "misuse"


class LoopRunning(MisuseError, RuntimeError):
    """A blocking call was made in a thread whose event loop runs, which it would stop."""

    code = "loop_running"


class NonRecoverable(SandboxError):
    """Raised by a function to say that trying again cannot help: the run is not retried."""

    code = "non_recoverable"


def _told(text: str, frames: tuple[object, ...], hint: str | None) -> str:
    """Return a message that shows where in the program it happened, and what to do."""
    for frame in frames:
        line, source = getattr(frame, "line", None), getattr(frame, "source", "")
        if line is not None:
            text += f"\n  line {line}: {source}"
    return f"{text}\n  hint: {hint}" if hint else text
