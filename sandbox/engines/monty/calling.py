"""Whether a call of a function of the host might be made otherwise on the two engines, as far as words tell.

Here, what an interpreter's own function calls back (a key, a special method) cannot wait for the host; and a call of an
async function is made where it stands, also when nobody awaits it, or when it is awaited later.
"""

import re
from collections.abc import Iterable

from sandbox.turns import Program

_LAMBDA = re.compile(r"\blambda\b")
_DEF = re.compile(r"\bdef[ \t]+(\w+)")
_CALLED_BACK = re.compile(r"\bdef[ \t]+__(?!(?:init|call|enter|exit)__)")
_ASYNC = re.compile(r"\b(?:await|asyncio)\b")
_CALL = re.compile(r"\s*\(")
_AWAITED = re.compile(r"\bawait\s+\Z")
_NEAR, _BODY = 40, 200
_GATHER, _GATHERED = "gather(", 2_000


def calls_otherwise(program: Program, code: str) -> bool:
    """Say whether a function of the host might be called back, or called and not awaited at once."""
    hosts = [spec.name for spec in program.functions]
    if not hosts:
        return False
    return _is_called_back(hosts, code) or _is_not_awaited(
        [one.name for one in program.functions if one.is_async], code
    )


def _is_called_back(hosts: list[str], code: str) -> bool:
    host = _named(hosts)
    own = set(_DEF.findall(code)) if any(host.search(line) for line in code.split("\n") if line[:1] in " \t") else set()
    if own and _CALLED_BACK.search(code):
        return True
    names = _named([*hosts, *own])
    # A name that is not called is passed on, to be called by whoever has it.
    if any(_is_passed_on(code, found) for found in names.finditer(code)):
        return True
    return any(names.search(code, found.end(), found.end() + _BODY) for found in _LAMBDA.finditer(code))


def _is_passed_on(code: str, found: re.Match[str]) -> bool:
    return not _CALL.match(code, found.end()) and not code.startswith("def ", max(0, found.start() - 4))


def _is_not_awaited(hosts: list[str], code: str) -> bool:
    if not hosts or not _ASYNC.search(code):
        return False
    return any(
        not _AWAITED.search(code, max(0, found.start() - _NEAR), found.start())
        and not _is_gathered(code, found.start())
        for found in _named(hosts).finditer(code)
    )


def _is_gathered(code: str, place: int) -> bool:
    """Say whether something stands in the parentheses of a `gather`, where everything is awaited."""
    start = code.rfind(_GATHER, max(0, place - _GATHERED), place)
    between = code[start + len(_GATHER) : place]
    return start >= 0 and between.count("(") >= between.count(")")


def _named(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?:{'|'.join(sorted(names))})(?![\w\"'])")
