"""What whoever sent a text that is no Python should send instead: the hint of a SyntaxError."""

import re

from sandbox import policy

_CHARACTER = re.compile(r"\(?U\+([0-9A-F]{4,6})\)?")
_ENTITY = re.compile(r"&(lt|gt|amp|quot|#39);")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "#39": "'"}
_FENCE = re.compile(r"^[ \t]*(```|~~~)", re.MULTILINE)
# Four words or more with nothing between them but spaces: no line of Python looks like it.
_PROSE = re.compile(r"^[A-Z]?[\w'\u2019]+[,;:]?( [\w'\u2019(`-]+[\w'\u2019)`.,;:!?]*){3,}$")
_SAID = (
    ("'return' outside function", "the value of the last expression is the answer: write the expression without "
     "`return`"),
    ("'yield' outside function", "put the loop into a function, and call it on the last line, as in list(f())"),
    ("'await' outside async function", "write `async def` for the function around it, and `await` where it is called; "
     "or call the function without `await`: then it waits and gives its value"),
    ("asynchronous comprehension outside", "write `async def` for the function around it"),
    ("'async with' outside", "write `async def` for the function around it"),
    ("'async for' outside", "write `async def` for the function around it"),
    ("inconsistent use of tabs and spaces", "indent every line with four spaces, and none with tabs"),
    ("unindent does not match", "indent every line with four spaces for each level"),
    ("unexpected indent", "indent every line with four spaces for each level, and the first one not at all"),
    ("null bytes", "remove the NUL character; in a string, write \\x00 for it"),
)  # fmt: skip


def of_syntax(message: str, source: str, line: str) -> str | None:
    """Return the hint; `line` is the line at fault, empty when it is not known."""
    character = _CHARACTER.search(message)
    if character is not None:
        look = chr(int(character[1], 16))
        if look in policy.LOOKALIKES:
            return f"write {policy.LOOKALIKES[look]} instead of U+{character[1]}"
    return _of_wrapping(source, line) or _of_line(message, line)


def _of_wrapping(source: str, line: str) -> str | None:
    """Return the hint for a text that holds a program and something around it."""
    if _FENCE.search(source):
        return "send the code of one block alone: without fences, and without the other blocks"
    if source.lstrip().startswith("`"):
        return "send the code without the backticks around it"
    if line.startswith((">>>", "... ")):
        return "leave out the prompts >>> and ... of the interactive interpreter, and what it printed"
    if line.startswith(("!", "%")):
        return "there is no shell and no notebook here: leave the line out"
    if re.match(r"</?[a-z]+>", line):
        return "send the code without the tags around it"
    return None


def _of_line(message: str, line: str) -> str | None:
    for said, hint in _SAID:
        if said in message:
            return hint
    entity = _ENTITY.search(line)
    if entity is not None:
        return f"write {_ENTITIES[entity[1]]} instead of {entity[0]}"
    if "line continuation character" in message and "\\n" in line:
        return "the text holds \\n in place of line breaks: it was escaped twice"
    if re.match(r"(?:const|let|var|function)\s+\w", line):
        return "this is JavaScript: write Python"
    if _PROSE.match(line):
        return "is this line an explanation? leave it out, or begin it with #"
    return None
