"""The errors of the sandbox: whose fault it is, and whether trying again can help.

    SandboxError
      GuestError         what the source said or did; never ours to retry
        SourceRejected     syntax or language policy, all violations at once
        GuestRaised        the program ended with an exception
        LimitExceeded      the program reached a limit
        ValueRejected      a value that may not cross, with its path
      HostError          our side; trying again may help
        EngineUnavailable  no engine could be started
        EngineCrashed      a worker process died under the execution
      MisuseError        the caller's or our own programming error

This module is also part of the guest: it imports nothing but the standard library.
"""


class SandboxError(Exception):
    """Anything the sandbox raises on purpose."""

    code = "sandbox_error"


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
        super().__init__(f"{path} {reason}")
        self.path = path
        self.reason = reason


class HostError(SandboxError):
    """Our side failed; the same request may succeed when it is repeated."""

    code = "host_error"


class EngineUnavailable(HostError):
    """No interpreter could be started."""

    code = "engine_unavailable"


class EngineCrashed(HostError):
    """The worker process died while it held the execution."""

    code = "engine_crashed"


class MisuseError(SandboxError):
    """A sequence of calls that the protocol forbids; a bug on the host's side."""

    code = "misuse"
