"""Whether a program might notice that what is lazy in CPython is a list here, as far as words tell.

Generator expressions, `map`, `filter`, `zip`, `enumerate` and `reversed` are whole at once: what their items do happens
earlier than it would, and more of it where not all items are taken.
"""

import re
from collections import defaultdict
from collections.abc import Collection

from sandbox.engines.monty.screening.names import Names
from sandbox.engines.monty.screening.reachability import Owners, owned, reaching
from sandbox.engines.monty.screening.wording import Wording

_EAGER = re.compile(r"(?<![\w.])(?:(map|filter)|zip|enumerate|reversed)\s*\(")
# Where all items are taken before anything is done with one of them.
_TAKES_FIRST = re.compile(r"(?:(?<![\w.])(?:list|tuple|sorted)|\.join)\s*\(\s*\Z|[(\[,]\s*\*\s*\(?\Z")
# Where all are taken, and something is done with each: when that fails, the others are not taken.
_TAKES_EACH = re.compile(r"(?<![\w.])(?:set|frozenset|dict|sum|max|min|Counter)\s*\(\s*\Z")
# Where they are taken until one decides; the others are not missed when making them can neither fail nor do anything.
_DECIDES = re.compile(r"(?<![\w.])(?:any|all)\s*\(\Z")
_PLAIN = r"(?:(?!\b(?:in|if|for|await|else)\b)[\w\s\"']|==|!=)"
_CALM = re.compile(rf"{_PLAIN}+\bfor\s+\w+\s+in\b(?:(?!\b(?:for|if)\b).)*(?:\bif\b{_PLAIN}*)?", re.DOTALL)
_LOOP_OR_LIST = re.compile(r"\bin\s*\Z|(?<![\w.])(?:enumerate|zip|reversed)\s*\(\s*\Z")
_BRACKET = re.compile(r"[()\[\]{}]|\bfor\b")
# Whatever does something else than to give a value; and what nobody named is called.
_ACTING = ("print", "append", "add", "extend", "insert", "pop", "popitem", "popleft", "remove", "discard", "clear")
_MORE_ACTING = ("update", "setdefault", "next", "random", "await")
_UNNAMED = re.compile(r"[\])]\s*\(")
# Where a program gives one of these names a meaning of its own, nothing is known of it.
_TAKERS = r"(?:list|tuple|sorted|set|frozenset|dict|sum|max|min|Counter|any|all|map|filter|zip|enumerate|reversed)"
_OWN = re.compile(
    rf"\b(?:def|class|as|for|global|nonlocal|lambda)[ \t]+{_TAKERS}(?!\w)"
    rf"|(?<![\w.]){_TAKERS}[ \t]*(?:,[^()\n=]{{0,80}})?(?::[^=\n]{{1,80}})?(?:=(?!=)|:=)"
    rf"|\bdef\b[^\n]{{0,200}}[(,][ \t]*\*{{0,2}}{_TAKERS}[ \t]*[,)=:]|[,(\[][ \t]*{_TAKERS}[^\n()]{{0,80}}[ \t]+in\b"
)
# What a loop walks with something beside it, and what changes a list beyond the item that a name stands for.
_WALKED = re.compile(r"\bin\s+(?:enumerate|zip|reversed)\s*\(([^()\n]{0,200})")
_NAME = re.compile(r"[^\W\d]\w*")
_CHANGED = re.compile(
    r"(?<![\w.])([^\W\d]\w*)\s*(?:\.\s*(?:append|extend|insert|remove|pop|clear|reverse|sort)\b"
    r"|\[(?!\s*\w+\s*\])[^\]\n]{0,200}\]\s*[-+*/|&]?=(?!=)|\+=)"
)
_BEFORE, _LONGEST, _DEEPEST = 40, 2_000, 50


def takes_items_otherwise(wording: Wording, functions: Collection[str]) -> bool:
    """Say whether it might make a difference that all items are made at once.

    Args:
        functions: the host's.
    """
    if _OWN.search(wording.code):
        return True
    names = {*_ACTING, *_MORE_ACTING, *functions}
    names |= reaching(wording.code, names)
    acts = Names(names, attributes=True)
    for layer in (wording.code, wording.fields):
        ends, generators = _groups(layer)
        if any(not _is_same_list(layer, found, ends, acts) for found in _EAGER.finditer(layer)):
            return True
        if any(not _is_same_generator(layer, opened, ends, acts) for opened in generators):
            return True
    return _is_changed_while_walked(wording.code)


def _is_changed_while_walked(code: str) -> bool:
    """Say whether what a loop walks may be changed meanwhile: in its lines, or by a function that it is not in."""
    loops: list[tuple[int, set[str]]] = []
    walked: dict[str, set[Owners]] = defaultdict(set)
    changed: dict[str, set[Owners]] = defaultdict(set)
    for line, owners in owned(code):
        column = len(line) - len(line.lstrip(" \t"))
        loops = [one for one in loops if one[0] < column or not line.strip()]
        names = {name for found in _WALKED.finditer(line) for name in _NAME.findall(found[1])}
        loops.append((column, names))
        for name in names:
            walked[name].add(owners)
        for change in _CHANGED.finditer(line):
            if any(change[1] in names for _, names in loops[-_DEEPEST:]):
                return True
            changed[change[1]].add(owners)
    return any(
        loop[: len(change)] != change for name in walked for loop in walked[name] for change in changed.get(name, ())
    )


def _groups(layer: str) -> tuple[dict[int, int], set[int]]:
    """Return where each bracket closes that does so soon, and which of them hold generator expressions."""
    ends: dict[int, int] = {}
    generators: set[int] = set()
    opened: list[int] = []
    for found in _BRACKET.finditer(layer):
        if found[0] == "for":
            if opened and layer[opened[-1]] == "(":
                generators.add(opened[-1])
        elif found[0] in "([{":
            opened.append(found.start())
        elif opened and found.start() - opened[-1] <= _LONGEST:
            ends[opened.pop()] = found.start()
        elif opened:
            opened.pop()
    return ends, generators


def _is_same_list(layer: str, found: re.Match[str], ends: dict[int, int], acts: Names) -> bool:
    before = layer[max(0, found.start() - _BEFORE) : found.start()]
    if _TAKES_FIRST.search(before):
        return True
    calls = found[1] is not None
    if _TAKES_EACH.search(before):
        return not calls or _is_calm(layer, found.end() - 1, ends, acts)
    return not calls and _LOOP_OR_LIST.search(before) is not None


def _is_same_generator(layer: str, opened: int, ends: dict[int, int], acts: Names) -> bool:
    before = layer[max(0, opened - _BEFORE) : opened + 1]
    if _TAKES_FIRST.search(before):
        return True
    if _TAKES_EACH.search(before):
        return _is_calm(layer, opened, ends, acts)
    if not _DECIDES.search(before) or opened not in ends:
        return False
    return "__eq__" not in layer and _CALM.fullmatch(layer, opened + 1, ends[opened]) is not None


def _is_calm(layer: str, opened: int, ends: dict[int, int], acts: Names) -> bool:
    if opened not in ends:
        return False
    inside = opened + 1, ends[opened]
    return not acts.are_in(layer, *inside) and _UNNAMED.search(layer, *inside) is None
