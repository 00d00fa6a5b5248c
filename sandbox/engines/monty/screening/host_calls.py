"""Whether a call of a host function might behave otherwise here than in CPython, as far as words tell.

Here, what an interpreter's own function calls back (a key, a special method) cannot wait for the host; and a call of an
async function is made where it stands, also when nobody awaits it, or when it is awaited later.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator

from sandbox.engines.monty.screening.names import Names
from sandbox.engines.monty.screening.reachability import reaching
from sandbox.turns import Program

_LAMBDAS = re.compile(r"[()\[\]{}]|\blambda\b")
_BOUND = re.compile(r"(?:\A|\n)[ \t]*\w+[ \t]*=[ \t]*\Z")
_IN_LAMBDA = re.compile(r"[()\[\]{},:\n]")
# Special methods that are called as any function is.
_CALLED = frozenset({"__init__", "__call__", "__enter__", "__exit__"})
_ASYNC = re.compile(r"\b(?:await|asyncio)\b")
_CALL = re.compile(r"\s*\(")
_AWAITED = re.compile(r"\bawait\s+\Z")
_NEAR, _BODY = 40, 2_000
_GATHER, _GATHERED = "gather(", 2_000


def calls_otherwise(program: Program, code: str) -> bool:
    """Say whether a function of the host might be called back, or called and not awaited at once."""
    hosts = [spec.name for spec in program.functions]
    if not hosts:
        return False
    return _is_called_back(hosts, code) or _is_not_awaited(
        [one.name for one in program.functions if one.is_async], code
    )


def _is_called_back(hosts: Collection[str], code: str) -> bool:
    own = reaching(code, hosts)
    if any(name.startswith("__") and name not in _CALLED for name in own):
        return True
    # A name that is not called is passed on, to be called by whoever has it.
    if any(_is_passed_on(code, found) for found in Names([*hosts, *own]).found_in(code)):
        return True
    places = [found.start() for found in Names([*hosts, *own], attributes=True).found_in(code)]
    bodies = _bodies_of_lambdas(code) if places else ()
    return any(bisect_left(places, start) < bisect_left(places, end) for start, end in bodies)


def _is_passed_on(code: str, found: re.Match[str]) -> bool:
    before = code[max(0, found.start() - 6) : found.start()]
    return not _CALL.match(code, found.end()) and not before.endswith(("def ", "class "))


def _bodies_of_lambdas(code: str) -> Iterator[tuple[int, int]]:
    """Yield where each lambda begins and ends, unless it is bound to a name at once; a very long one ends with all."""
    depth = 0
    for found in _LAMBDAS.finditer(code):
        if found[0] in "([{":
            depth += 1
        elif found[0] in ")]}":
            depth = max(0, depth - 1)
        elif depth or not _BOUND.search(code, max(0, found.start() - _NEAR), found.start()):
            yield found.start(), _end_of_lambda(code, found.end(), is_in_brackets=depth > 0)


def _end_of_lambda(code: str, start: int, *, is_in_brackets: bool) -> int:
    depth, is_body = 0, False
    for sign in _IN_LAMBDA.finditer(code, start, start + _BODY):
        if sign[0] in "([{":
            depth += 1
        elif sign[0] in ")]}":
            depth -= 1
        elif sign[0] == ":" and not depth:
            is_body = True
        if depth < 0 or (not depth and is_body and (sign[0] == "," or (sign[0] == "\n" and not is_in_brackets))):
            return sign.start()
    return len(code)


def _is_not_awaited(hosts: list[str], code: str) -> bool:
    if not hosts or not _ASYNC.search(code):
        return False
    return any(
        not _AWAITED.search(code, max(0, found.start() - _NEAR), found.start())
        and not _is_gathered(code, found.start())
        for found in Names(hosts).found_in(code)
    )


def _is_gathered(code: str, place: int) -> bool:
    """Say whether something stands in the parentheses of a `gather`, where everything is awaited."""
    start = code.rfind(_GATHER, max(0, place - _GATHERED), place)
    between = code[start + len(_GATHER) : place]
    return start >= 0 and between.count("(") >= between.count(")")
