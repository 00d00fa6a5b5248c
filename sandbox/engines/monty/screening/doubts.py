"""Whether a program might need what the interpreter lacks, or mean something else to it: `auto` asks.

Looked at are words, so that a program without doubts runs as on the `cpython` engine, and many a program with doubts
would, too: those are run there.
"""

import re
from collections.abc import Iterator

from sandbox import policy
from sandbox.engines.monty import subset
from sandbox.engines.monty.screening.arithmetic import computes_otherwise
from sandbox.engines.monty.screening.error_texts import shows_errors_otherwise
from sandbox.engines.monty.screening.host_calls import calls_otherwise
from sandbox.engines.monty.screening.in_place import changes_in_place_otherwise
from sandbox.engines.monty.screening.lazy import takes_items_otherwise
from sandbox.engines.monty.screening.names import Names
from sandbox.engines.monty.screening.unsupported import ALL_IMPORTS, ATTRIBUTE, FREE, lacks, read_imports
from sandbox.engines.monty.screening.wording import Wording
from sandbox.turns import Program

# After an opening parenthesis.
_ONE_ARGUMENT = r"[^(),\n]*(?:\([^()\n]*\)[^(),\n]*)*\)"
_DOUBTS = tuple(
    re.compile(text, re.MULTILINE)
    for text in (
        # What is given in their place is a function as any other: as a value, it is another one.
        r"(?<![\w.])(?:sum|round)\b(?!\s*\()",
        # An exception takes one text, or nothing.
        r"\b[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Iteration)\s*\(\s*(?!\)|[A-Za-z]{0,2}[\"'])",
        # Of these, some arguments are not taken.
        r"(?<![\w.])bytes\s*\(|\breturn_exceptions\b|\bdataclass\s*\(",
        r"\.sub\s*\((?![^,()]*,\s*[rRbBuU]?[\"'])",
        # An import that is read on the next line; the last one of its line, so that each place is looked at once.
        r"\bimport\b(?:(?!\bimport\b)[^\n;])*\\\n",
        # `$`, `\Z`, what matches nothing, and what a replacement escapes are others in patterns.
        r"(?<![\w.])re\s*\.|\bre[ \t]+as\b|\bfrom[ \t]+re\b",
        # The last digit is another one now and then, and in six of ten thousand squares.
        r"\b(?:a?(?:sin|cos|tan)h?|atan2|exp|expm1|log1p|log10|cbrt|erfc|l?gamma|pow|complex)\b|\d[jJ]\b",
        r"(?:[\])]|(?<![\w.])(?!\d+\s*\*\*\s*\d+(?![\w.]))[\w.]++)\s*\*\*",
        # Of the ways to write a date, few are read.
        r"\bfromisoformat\b",
        # The type of an exception is none of its classes, and hashes are others.
        r"(?<![\w.])(?:type\s*\((?!(?!type\b)\w+\)\.__name__\b)|hash\s*\()",
        # What stands after two stars comes last.
        r"\*\*[^()\n]{0,80},\s*\w{1,80}\s*=(?!=)",
        # An assertion says one text.
        r"\bassert\b[^\n]{0,200},\s*+(?![A-Za-z]{0,2}[\"'])",
        # One that is the program's value is a list here, and no value there.
        r"\bdeque\b",
        # One set at a time.
        rf"\.(?:update|union|intersection|difference)\s*\((?:\s*\*|(?!{_ONE_ARGUMENT}))",
        r"\b(?:object_hook|object_pairs_hook|parse_float|parse_int|parse_constant)\b",
        # What has no width is written all the same, where CPython refuses it: a list, None.
        r"(?<![\w.])format\s*\(",
        # What the last statement means is decided otherwise.
        r"(?<!\)\.)\b__name__\b",
        # Names that one of the two has.
        rf"(?<![\w.])(?:{'|'.join([*policy.ABSENT_BUILTINS, *policy.GIVEN])})(?!\w)",
    )
)
_ENDLESS = re.compile(r"\b(?:count|cycle|repeat)\b")
# Of `str.format`: what has attributes, items, or nothing but a width.
_FORMATTED = re.compile(r"\{[^{}!:\n]{0,200}[.\[]|:(?:.?[<>^])?\d+s?\}")
# Of f-strings, whose braces are spaces here.
_WIDTH = re.compile(r":(?:\S?[<>^])?\d+s?(?=\s|\Z)")
# Other encodings are unknown.
_ENCODING = re.compile(r"\.(?:en|de)code\s*+\((?!\s*(?:[\"']utf-?8[\"']\s*)?\))", re.IGNORECASE)
# What is no number is found in a list of others; halves of characters are replaced.
_ODD_VALUE = re.compile(r"\bnan\b|\\u[dD][89abAB]", re.IGNORECASE)
# What of all types only `range` lacks; and a range that is more than walked.
_OF_RANGE = ("count", "index")
_RANGE = re.compile(r"(?<!\bin )(?<![\w.])range\b")
_ASYNC = re.compile(r"\b(?:await|async|asyncio)\b")
_AWAIT_AT_TOP = re.compile(r"^(?!async def)(?=[^\s#]).*\bawait\b", re.MULTILINE)
_RUN = re.compile(r"\basyncio\s*\.\s*run\b|\bimport\b(?:(?!\bimport\b)[^\n])*\brun\b")
_ASYNC_DEF = re.compile(r"\basync[ \t]+def[ \t]+(\w+)")


def has_doubts(program: Program) -> bool:
    """Say whether a program might need anything that is lacking, or means something else, as far as words tell."""
    wording = Wording.of(program.source)
    return any(_doubts(program, wording))


def _doubts(program: Program, wording: Wording) -> Iterator[bool]:
    code = wording.code
    yield next(lacks(wording), None) is not None
    # What follows takes every import to be a statement of its own.
    yield read_imports(code) != len(ALL_IMPORTS.findall(code)) or ALL_IMPORTS.search(wording.fields) is not None
    yield "itertools" in code and _ENDLESS.search(code) is not None
    yield ".format" in code and _FORMATTED.search(wording.source) is not None
    yield shows_errors_otherwise(wording, is_called=bool(program.functions))
    yield computes_otherwise(code)
    yield changes_in_place_otherwise(code)
    yield _WIDTH.search(wording.fields) is not None
    yield any(one.search(wording.source) for one in (_ENCODING, _ODD_VALUE))
    # What a text of JSON lacks is said in other words.
    yield "loads" in code and "except" in code
    yield "dump" in code and any(word in code for word in ("namedtuple", "default"))
    yield "__getitem__" in code and "__iter__" not in code
    for layer in (code, wording.fields):
        yield FREE.search(layer) is not None
        yield any(_is_doubtful(found, code) for found in ATTRIBUTE.finditer(layer))
        yield any(doubt.search(layer) for doubt in _DOUBTS)
    yield takes_items_otherwise(wording, [spec.name for spec in program.functions])
    yield _waits_otherwise(program, code)
    yield calls_otherwise(program, code)


def _is_doubtful(attribute: re.Match[str], code: str) -> bool:
    name, is_called = attribute[1], attribute[2] is not None
    if name == "__name__":
        # Of anything but a type: which of these are looked at, is said above.
        return attribute.string[attribute.start() - 1] != ")"
    if name in _OF_RANGE and is_called:
        return _RANGE.search(code) is not None
    special = name == "aio" or name.startswith("__")
    return special or name in subset.SOME_ATTRIBUTES or (name in subset.METHODS and not is_called)


def _waits_otherwise(program: Program, code: str) -> bool:
    """Say whether a call of an async function might wait on one engine and give an awaitable on the other.

    Here it waits in programs that have nothing async. On the other one, it waits where no event loop runs: also in the
    plain code of a program whose loop is started by `asyncio.run`; and a coroutine that is the value is awaited.
    """
    if not _ASYNC.search(code):
        return False
    if _AWAIT_AT_TOP.search(code):
        return _RUN.search(code) is not None
    names = [spec.name for spec in program.functions if spec.is_async] + _ASYNC_DEF.findall(code)
    calls = Names(names)
    return any(calls.are_in(line) and not _RUN.search(line) for line in _outside_of_async(code))


def _outside_of_async(code: str) -> Iterator[str]:
    """Yield the lines that belong to no async function at the top level."""
    is_inside = False
    for line in code.split("\n"):
        if line[:1] not in ("", " ", "\t", ")", "]", "}", "#"):
            is_inside = line.startswith("async def")
        if not is_inside:
            yield line
