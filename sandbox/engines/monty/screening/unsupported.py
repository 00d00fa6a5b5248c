"""What a program needs that the interpreter lacks, found in its words before any of it runs.

A program is refused for what is certain, with its lines. What a type lacks where another has it shows only while a
program runs; kinds of syntax are refused by the interpreter's own parser.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice

from sandbox.engines.monty import subset
from sandbox.engines.monty.conversion import OTHER_ENGINE
from sandbox.engines.monty.screening.wording import Wording
from sandbox.turns import NOT_IN_ENGINE, ErrorReport, Frame, Violation
from sandbox.weight import in_its_place

_WORD = r"[^\W\d]\w*"
_IMPORT_FROM = re.compile(r"\bfrom[ \t]+([.\w]+)[ \t]+import\b[ \t]*(\([^)]{0,1000}\)|[^\n;]*)")
_IMPORT = re.compile(r"(?:^|[;:])[ \t]*import\b[ \t]+([^\n;]+)", re.MULTILINE)
ALL_IMPORTS = re.compile(r"\bimport\b")
_NAMED = re.compile(rf"({_WORD}(?:\.{_WORD})*)(?:[ \t]+as[ \t]+({_WORD}))?")
_OF_MODULE = re.compile(rf"(?<![\w.])({_WORD})[ \t]*\.[ \t]*({_WORD})")
ATTRIBUTE = re.compile(rf"\.\s*({_WORD})(\s*\()?")
_SPECIAL = re.compile(r"(?:\bdef[ \t]+|^[ \t]+)(__\w+__)(?=[ \t]*[(=])", re.MULTILINE)
FREE = re.compile(rf"(?<![\w.])({'|'.join(subset.NO_BUILTINS)})(?!\w)")
_BINDS_BEFORE = re.compile(
    r"\b(?:def|class|import|as|for|global|nonlocal|lambda)[ \t]+\Z|\bdef[ \t]+\w+[ \t]*\([ \t]*\Z|[,*][ \t]*\Z"
)
_BINDS_AFTER = re.compile(r"[ \t]*(?:=(?!=)|:|[-+*/|&^%]=|,|in\b)")
_FIRST = 30
_LONGEST = 200
_LONGEST_NAME = 100


# Of programs that were run lately, by the digest of their source.
_KNOWN: OrderedDict[bytes, ErrorReport | None] = OrderedDict()
_MOST_KNOWN = 4_096


async def refusal_of(source: str) -> ErrorReport | None:
    """Return why a program is not run, None when nothing is certainly lacking; remembered for the next run."""
    key = hashlib.sha256(source.encode(errors="surrogatepass")).digest()
    if key not in _KNOWN:
        _KNOWN[key] = await in_its_place(len(source), lambda: _refusal_of(source))
        if len(_KNOWN) > _MOST_KNOWN:
            _KNOWN.popitem(last=False)
    _KNOWN.move_to_end(key)
    return _KNOWN[key]


def lacks(wording: Wording) -> Iterator[tuple[int, str]]:
    """Yield offset and description of everything that is certainly lacking."""
    for offset, what in _of_imports(wording):
        yield offset, f"the engine monty has no {what}"
    yield from _of_modules(wording)
    yield from _of_builtins(wording)
    yield from _of_attributes(wording)
    for found in _SPECIAL.finditer(wording.code):
        if found[1] in subset.NO_SPECIALS:
            yield found.start(1), f"the engine monty does not call {found[1]}"


def read_imports(code: str) -> int:
    """Return how many statements of a text are read as imports."""
    return len(_IMPORT.findall(code)) + len(_IMPORT_FROM.findall(code))


def _refusal_of(source: str) -> ErrorReport | None:
    wording = Wording.of(source)
    found = [(*wording.place(offset), what) for offset, what in sorted(set(islice(lacks(wording), _FIRST)))]
    if not found:
        return None
    lines = source.split("\n")
    return ErrorReport(
        kind="policy",
        type="NotSupported",
        message="; ".join(f"line {line}: {what}" for line, _, what in found),
        traceback=tuple(
            Frame(line=line, column=column, function="<module>", source=lines[line - 1].strip()[:_LONGEST])
            for line, column, _ in found
        ),
        hint=OTHER_ENGINE,
        violations=tuple(
            Violation(line=line, column=column, code=NOT_IN_ENGINE, message=what, hint=OTHER_ENGINE)
            for line, column, what in found
        ),
    )


def _imported(wording: Wording) -> dict[str, str]:
    """Return the names by which a program knows modules."""
    known = {}
    for found in _IMPORT.finditer(wording.code):
        for name in _NAMED.finditer(found[1]):
            known[name[2] or name[1].partition(".")[0]] = name[1] if name[2] else name[1].partition(".")[0]
    return known


def _of_imports(wording: Wording) -> Iterator[tuple[int, str]]:
    for found in _IMPORT.finditer(wording.code):
        for name in _NAMED.finditer(found[1]):
            if not _has_module(name[1]):
                yield found.start(1) + name.start(), f"module {name[1][:_LONGEST_NAME]}"
    for found in _IMPORT_FROM.finditer(wording.code):
        module = found[1]
        if not _has_module(module):
            yield found.start(1), f"module {module[:_LONGEST_NAME]}"
            continue
        for name in _NAMED.finditer(found[2]):
            if name[1] in subset.MODULES.get(module, ()):
                yield found.start(2) + name.start(), f"{module}.{name[1]}"


def _of_modules(wording: Wording) -> Iterator[tuple[int, str]]:
    known = _imported(wording)
    for layer in (wording.code, wording.fields) if known else ():
        for found in _OF_MODULE.finditer(layer):
            module = known.get(found[1], "")
            if found[2] in subset.MODULES.get(module, ()):
                yield found.start(2), f"the engine monty has no {module}.{found[2]}"


def _of_builtins(wording: Wording) -> Iterator[tuple[int, str]]:
    own: dict[str, bool] = {}
    for layer in (wording.code, wording.fields):
        for found in FREE.finditer(layer):
            name = found[1]
            if name not in own:
                own[name] = _is_bound(name, wording.code)
            if not own[name]:
                yield found.start(), f"the engine monty has no {name}"


def _of_attributes(wording: Wording) -> Iterator[tuple[int, str]]:
    own: dict[str, bool] = {}
    for layer in (wording.code, wording.fields):
        for found in ATTRIBUTE.finditer(layer):
            name = found[1]
            if name not in subset.NO_ATTRIBUTES:
                continue
            if name not in own:
                own[name] = not _is_attribute_only(name, wording)
            if not own[name]:
                yield found.start(1), f"no type of the engine monty has the attribute {name}"


def _has_module(name: str) -> bool:
    return name in subset.MODULES or name in subset.MORE_MODULES


def _is_bound(name: str, code: str) -> bool:
    """Say whether a program may give a name a meaning of its own."""
    for found in re.finditer(rf"(?<![\w.]){name}(?!\w)", code):
        if _BINDS_BEFORE.search(code[max(0, found.start() - 80) : found.start()]):
            return True
        if _BINDS_AFTER.match(code, found.end()):
            return True
    return False


def _is_attribute_only(name: str, wording: Wording) -> bool:
    """Say whether a program names an attribute and nothing in it could make one of that name."""
    return all(
        re.search(r"\.\s*\Z", wording.source[max(0, found.start() - 20) : found.start()])
        and not re.match(r"\s*(?:[-+*/|&^%]?=(?!=)|:)", wording.source[found.end() : found.end() + 20])
        for found in re.finditer(rf"(?<!\w){name}(?!\w)", wording.source)
    )
