"""Fixtures that several suites use."""

from hypothesis import settings

from tests.on_monty import (
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_pyfunc_call,
    pytest_sessionfinish,
)
from tests.play import engine, play

# How long one example takes says more about the machine than about the code.
settings.register_profile("isthmus", deadline=None)
settings.load_profile("isthmus")

__all__ = [
    "engine",
    "play",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_pyfunc_call",
    "pytest_sessionfinish",
]
