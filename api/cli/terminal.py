"""What the command says to whoever sits at the terminal."""

import sys


def say(text: str) -> None:
    """Write one line for whoever sits at the terminal, beside what the command prints."""
    sys.stderr.write(f"isthmus: {' '.join(text.split())}\n")
    sys.stderr.flush()
