"""Secrets by name: what they hold is never part of a template."""

import re
from dataclasses import dataclass
from pathlib import PurePath

from sandbox.advice import advising
from sandbox.options import checks

_MOUNT = "/etc/flyte/secrets"
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


@advising
@dataclass(frozen=True)
class Secret:
    """One secret of the store, under the name by which functions find it.

    Raises:
        TypeError: a field is no text.
        ValueError: a name cannot be used.
    """

    key: str
    """Its name in the store."""
    group: str | None = None
    """Its group in the store."""
    mount: PurePath | str | None = None
    """Where it stands as a file: only `/etc/flyte/secrets`."""
    as_env_var: str | None = None
    """The variable that holds it: capitals, digits and underscores; by default made of group and key."""

    def __post_init__(self) -> None:
        checks.text("Secret.key", self.key)
        if self.group is not None:
            checks.text("Secret.group", self.group)
        if self.mount is not None and str(self.mount) != _MOUNT:
            message = f"Secret.mount must be {_MOUNT!r}, not {str(self.mount)!r}"
            raise ValueError(message)
        variable = self.as_env_var
        if variable is None and self.mount is None:
            variable = "_".join(filter(None, (self.group, self.key))).replace("-", "_").upper()
            object.__setattr__(self, "as_env_var", variable)
        if variable is not None and not _VARIABLE.fullmatch(checks.text("Secret.as_env_var", variable)):
            message = f"Secret.as_env_var must be of capitals, digits and underscores, not {variable!r}"
            raise ValueError(message)

    @staticmethod
    def all_of(request: object) -> tuple["Secret", ...]:
        """Return what a `secrets=` parameter stands for: a key, a Secret, or a list of both.

        Raises:
            TypeError: it is something else.
        """
        listed = request if isinstance(request, list | tuple) else [request]
        return tuple(_secret(one) for one in listed)


def _secret(request: object) -> Secret:
    if isinstance(request, Secret):
        return request
    if not isinstance(request, str):
        message = f"secrets must be keys or Secrets, not {request!r}"
        raise TypeError(message)
    return Secret(request)
