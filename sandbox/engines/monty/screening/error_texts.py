"""Whether a program might show the text of a caught error that is another one here, as far as words tell.

The text of a `KeyError` is quoted here whatever the key is. Of what a function of the host raised, some types are
raised as the nearest one above them: the type's name is another one then.
"""

import re

from sandbox.engines.monty.screening.names import Names
from sandbox.engines.monty.screening.wording import Wording

_CATCHES = re.compile(r"^[ \t]*except\b([^:\n]*)\bas[ \t]+(\w+)[ \t]*:", re.MULTILINE)
# Classes that no KeyError is of.
_NO_KEY_ERRORS = re.compile(r"[\s(,]*(?:(?!(?:Key|Lookup)Error\b)[A-Z]\w*Error[\s),]*)+")
_BINDS_OR_CHAINS = re.compile(r"\b(?:as|from) \Z")
_TYPE = re.compile(r"(?<![\w.])type\s*\(")


def shows_errors_otherwise(wording: Wording, *, is_called: bool) -> bool:
    """Say whether the text of what might be a KeyError is used, or the type of what a function raised.

    Args:
        is_called: there are functions of the host.
    """
    caught = [*_CATCHES.finditer(wording.code)]
    if caught and is_called and any(_TYPE.search(layer) for layer in (wording.code, wording.fields)):
        return True
    keys = {found[2] for found in caught if not _NO_KEY_ERRORS.fullmatch(found[1])}
    return any(
        not _BINDS_OR_CHAINS.search(layer, max(0, used.start() - 6), used.start())
        for layer in ((wording.code, wording.fields) if keys else ())
        for used in Names(keys).found_in(layer)
    )
