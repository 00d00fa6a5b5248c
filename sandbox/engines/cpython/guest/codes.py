"""Compiled programs as text, so that a program that is kept need not be parsed at each of its runs.

Compiled code can do what no source may say, so it is only ever read here, inside the guest. It was written by an
isolate that had executed nothing, and the host takes nothing else for it; whoever gets past that is where a program
without the language policy is.
"""

import base64
import marshal
import types

from sandbox.engines.cpython.guest.transformer import FILENAME, Compiled

_dumps, _loads = marshal.dumps, marshal.loads
_b64encode, _b64decode = base64.b64encode, base64.b64decode


def to_text(compiled: Compiled) -> str:
    """Return a compiled program, with what is to be said about it, as text."""
    return _b64encode(_dumps((compiled.code, compiled.notes, compiled.advice))).decode()


def of_text(text: str) -> Compiled:
    """Return the program that `to_text` wrote.

    Raises:
        ValueError, EOFError, TypeError: it is something else; the isolate then ends.
    """
    code, notes, advice = _loads(_b64decode(text, validate=True))
    if type(code) is not types.CodeType or code.co_filename != FILENAME:
        raise ValueError("no program")
    return Compiled(code, notes, advice)
