"""Fixtures that several suites use."""

from tests.play import engine, play

__all__ = ["engine", "play"]
