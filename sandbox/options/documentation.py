"""What is told of a template."""

from dataclasses import dataclass

from sandbox.advice import advising


@advising
@dataclass(frozen=True)
class Documentation:
    """A description.

    Raises:
        TypeError: it is no text.
    """

    description: str

    def __post_init__(self) -> None:
        description: object = self.description
        if not isinstance(description, str):
            message = f"Documentation.description must be a text, not {description!r}"
            raise TypeError(message)
