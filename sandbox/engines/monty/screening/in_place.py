"""Whether a program might change in place what is another value here, as far as words tell.

`|=`, `-=` and their like make a new set here, and `*=` a new list: whoever holds the old one misses the change. `+=`
changes a list, and takes nothing but lists.
"""

import re

_OF_BITS = re.compile(r"[|&^]=(?!=)")
_LESS = re.compile(r"-=(?!=)")
_SET = re.compile(r"(?<![\w.])(?:set|frozenset)(?!\w)|\{(?=[^{}:]*+\})\s*+[^\s}]|\{[^{}]{0,200}?\bfor\b")
_NAME = r"(?<![\w.])([^\W\d]\w*+)\s*+(?::[^=\n]{1,80})?"
_TIMES = re.compile(r"(?<![\w.\])])([\w.\])]++)\s*+\*=(?!=)\s*+(-?\d*\.\d)?")
_NUMBER = re.compile(rf"{_NAME}=\s*+-?\.?\d")
_TAKERS = (
    r"(?:range|tuple|set|frozenset|dict|map|filter|zip|reversed|enumerate|iter|Counter|deque|accumulate|chain"
    r"|combinations\w*|compress|dropwhile|filterfalse|groupby|islice|pairwise|permutations|product|starmap|takewhile"
    r"|zip_longest|batched|tee)(?!\w)"
)
_NO_LIST = rf"(?:\((?=[^()\n]*(?:,|\bfor\b))|\{{|{_TAKERS}|itertools\b)"
_ADDS_NO_LIST = re.compile(rf"\+=\s*+(?:{_NO_LIST}|[^\n;]{{0,200}}\.\s*+(?:keys|values|items)\s*\()")
_ADDS_TEXT = re.compile(r"(?<![\w.])([^\W\d]\w*+)\s*+\+=\s*+[A-Za-z]{0,2}[\"']")
_ADDS_NAME = re.compile(r"\+=\s*+([^\W\d]\w*+)\s*(?:[\n;#]|\Z)")
_LIST = re.compile(rf"{_NAME}=\s*+(?:\[|(?:list|sorted)\b)")
_OF_NO_LIST = re.compile(rf"{_NAME}=\s*+{_NO_LIST}|[(,]\s*+\*{{1,2}}([^\W\d]\w*+)\s*+[,):]")


def changes_in_place_otherwise(code: str) -> bool:
    """Say whether an operator that changes its left side might do so on one engine alone."""
    if "=" not in code:
        return False
    if _OF_BITS.search(code) or (_LESS.search(code) and _SET.search(code)):
        return True
    return _multiplies(code) or ("+=" in code and _adds(code))


def _multiplies(code: str) -> bool:
    found = [one[1] for one in _TIMES.finditer(code) if one[2] is None]
    return bool(found) and not {*_NUMBER.findall(code)}.issuperset(found)


def _adds(code: str) -> bool:
    if _ADDS_NO_LIST.search(code) or not {*_LIST.findall(code)}.isdisjoint(_ADDS_TEXT.findall(code)):
        return True
    others = {name for names in _OF_NO_LIST.findall(code) for name in names}
    return not others.isdisjoint(_ADDS_NAME.findall(code))
