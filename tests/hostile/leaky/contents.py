"""A package that hands out what it should not, in the ways that packages do without meaning to."""

import builtins
import operator
import os
import socket
import sys
import types
from collections import OrderedDict
from functools import wraps

from leaky import _private, inner

__version__ = "1.0"
RATES = {"eur": 1.0, "usd": [1.1, 1.2]}
everything = [os, sys, builtins]
evaluate = eval
read_anything = operator.attrgetter


class Shelf:
    """Holds modules, as many classes do for convenience."""

    system = os

    def __init__(self):
        self.interpreter = sys
        self.inner = inner

    def module(self, name):
        return __import__(name)

    def frame(self):
        return sys._getframe()

    def late(self):
        class Late(types.ModuleType):
            x = 1

        return Late("late")

    def read(self, target, name):
        return getattr(target, name)


class Evaluator:
    """Would give `eval` to whoever may read an attribute."""

    run = staticmethod(eval)


class Disguised:
    """Says that the program defined it."""


Disguised.__module__ = "__main__"


class Lazy(types.ModuleType):
    """A module that loads its content when it is asked for."""

    def __getattr__(self, name):
        return getattr(os, name)


lazy = Lazy("leaky.lazy")
helper = _private.helper
finder = {"look": getattr}


def decorate(function):
    @wraps(function)
    def decorated(*args):
        return function(*args)

    return decorated


def _attempts():
    """What a package tries on the machine that builds the image."""
    yield "environment", lambda: dict(os.environ)
    yield "root", lambda: os.listdir("/")
    yield "passwd", lambda: open("/etc/passwd").read()
    yield "above", lambda: os.listdir("/0/..")
    yield "link", lambda: os.symlink("/etc/passwd", "/0/link")
    yield (
        "relative link",
        lambda: os.symlink("../../../../../../etc/passwd", "/0/relative") or open("/0/relative").read(),
    )
    yield "connect", lambda: socket.create_connection(("127.0.0.1", 80), 1)
    yield "site", lambda: [name for path in sys.path for name in os.listdir(path) if "site-packages" in path]
    yield "report", lambda: os.symlink("sandbox", "/0/image_report.json")
    os.remove("/0/image_report.json")


def _outcome(attempt):
    try:
        return str(attempt())
    except BaseException as error:
        return type(error).__name__


TRIED = {name: _outcome(attempt) for name, attempt in _attempts()}
PATH = [*sys.path]
