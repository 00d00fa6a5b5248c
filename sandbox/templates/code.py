"""Templates whose source is given as a string."""

from dataclasses import dataclass
from typing import Any, NoReturn

from sandbox.options import Documentation
from sandbox.templates.leading_text import leading_text
from sandbox.templates.sandboxed import SandboxedTaskTemplate

_NO_FORWARD = (
    "CodeTaskTemplate does not support forward(). Its source is a text that runs only inside the sandbox, so there is "
    "no Python function to call directly: call the template itself, template(...), or `await template.aio(...)`"
)


def no_function(*_args: Any, **_kwargs: Any) -> NoReturn:
    """Refuse to be called: stands where other templates have their Python function."""
    raise NotImplementedError(_NO_FORWARD)


@dataclass(kw_only=True, eq=False)
class CodeTaskTemplate(SandboxedTaskTemplate):
    """A code string with typed inputs and a whitelist; the value of its last expression is the value of the run."""

    func: Any = no_function
    _user_source: str = "None"
    _user_file: str | None = None
    """The file that made it."""

    @property
    def source_file(self) -> str | None:
        """The file that called `orchestrator_from_str`, None when no file did."""
        return self._user_file

    @classmethod
    def is_portable(cls) -> bool:
        """Return whether a document says all of it: not where a subclass has code of its own."""
        return cls is CodeTaskTemplate

    def forward(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: there is no Python function.

        Raises:
            NotImplementedError: always; the message says what to call.
        """
        raise NotImplementedError(_NO_FORWARD)

    def _known_as(self) -> str | None:
        """Return None: what programs call it is made of its name."""
        return None

    def _take_source(self) -> None:
        """Leave the source as it was given."""

    def _take_from_func(self) -> None:
        """Take the documentation from the source: there is no function."""
        if self.docs is None and (text := leading_text(self._user_source)):
            self.docs = Documentation(text)
