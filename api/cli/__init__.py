"""The `isthmus` command."""

from api.cli.command import main

__all__ = ["main"]
