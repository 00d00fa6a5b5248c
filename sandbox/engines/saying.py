"""Who is told, a line at a time, of what an engine does that takes long or went wrong."""


def say_nothing(_line: str) -> None:
    """Report no progress."""
