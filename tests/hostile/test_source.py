"""Texts that a checker and a parser could read differently: each is read once, by one, and its places are right."""

import pytest

from sandbox.source import Source
from tests.play import Play

# Forms of letters that are other identifiers in the text and the same ones to Python (NFKC).
WIDE = {ord("a") + n: 0xFF41 + n for n in range(26)}
GLOBALS, FRAME, DICT = (name.translate(WIDE) for name in ("__globals__", "gi_frame", "__dict__"))

# Source, and the places of the violations: line and column.
REFUSED = {
    "attribute": (f"f = 1\nf.{GLOBALS}", [(2, 3)]),
    "attribute with a wide underscore": ("x.__dict\uff3f_", [(1, 3)]),
    "attribute after letters of two bytes": (f"é = 1\né.é.{FRAME}", [(2, 5)]),
    "attribute that begins with a ligature": ("x = 1\nx.ﬁ.__dict__", [(2, 5)]),
    "name": (f"{'__builtins__'.translate(WIDE)}", [(1, 1)]),
    "assigned name": (f"{'__builtins__'.translate(WIDE)} = 1", [(1, 1)]),
    "keyword": (f"dict({GLOBALS}=1)", [(1, 6)]),
    "parameter": (f"def f({GLOBALS}): pass", [(1, 7)]),
    "function": (f"def {GLOBALS}(): pass", [(1, 1)]),
    "class": (f"class {GLOBALS}: pass", [(1, 1)]),
    "import": (f"import {'sys'.translate(WIDE)}", [(1, 8)]),
    "import as": (f"import json as {GLOBALS}", [(1, 8)]),
    "import from": (f"from json import {'decoder'.translate(WIDE)}", [(1, 18)]),
    "import from as": (f"from json import loads as {GLOBALS}", [(1, 18)]),
    "global": (f"def f():\n    global {GLOBALS}", [(2, 5)]),
    "nonlocal": (f"def f():\n    def g():\n        nonlocal {GLOBALS}", [(3, 9)]),
    "except as": (f"try: pass\nexcept ValueError as {GLOBALS}: pass", [(2, 1)]),
    "capture": (f"match 1:\n    case {GLOBALS}: pass", [(2, 10)]),
    "star capture": (f"match 1:\n    case [*{GLOBALS}]: pass", [(2, 11)]),
    "rest capture": (f"match 1:\n    case {{**{GLOBALS}}}: pass", [(2, 10)]),
    "class pattern": (f"match 1:\n    case int({FRAME}=x): pass", [(2, 10)]),
    "type parameter": (f"def f[{GLOBALS}](): pass", [(1, 7)]),
    "type alias": (f"type {GLOBALS} = int", [(1, 6)]),
    "walrus": (f"({GLOBALS} := 1)", [(1, 2)]),
    "f-string": (f"f'{{1 .{DICT}}}'", [(1, 7)]),
    "nested f-string": (f"f'{{1:{{1 .{DICT}}}}}'", [(1, 10)]),
    "t-string": (f"t'{{1 .{DICT}}}'", [(1, 7)]),
    "lambda": (f"lambda {GLOBALS}: 1", [(1, 8)]),
    "carriage returns": ("x = 1\ry = 2\r\nz = 3\rx.gi_frame", [(4, 3)]),
    "carriage return in a comment": ("# harmless\rx.gi_frame", [(2, 3)]),
    "form feed": ("x = 1\n\fx.gi_frame", [(2, 4)]),
    "form feed in a comment": ("# a\fx.gi_frame\nx.gi_frame", [(2, 3)]),
    "vertical tab and line separators in a comment": ("# a\x0bb\u2028c\x85d\nx.gi_frame", [(2, 3)]),
    "line separator in a string": ("x = 'a\u2028b\u2029c\x0c\x1cd'\nx.gi_frame", [(2, 3)]),
    "continued line": ("x = 1\nx\\\n.\\\ngi_frame", [(4, 1)]),
    "continued line with spaces": ("x = [\n  1,\n  x .  gi_frame]", [(3, 8)]),
    "continued comment": ("# a \\\nx.gi_frame", [(2, 3)]),
    "mark in front": ("\ufeffx.gi_frame", [(1, 4)]),
    "coding": ("# -*- coding: utf-7 -*-\nx.gi_frame", [(2, 3)]),
    "coding in the second line": ("#!/bin/python\n# vim: set fileencoding=latin-1 :\nx = 'é'; x.gi_frame", [(3, 12)]),
    "after an emoji": ("x = '\U0001f600\U0001f600'; x.gi_frame", [(1, 13)]),
    "in a fence, indented": ("```python\n  é = 1\n  é.gi_frame\n```", [(3, 5)]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_a_disguised_text_is_refused_at_its_place(play: Play, name: str) -> None:
    """The place is where the reader of the text finds it, whatever the parser made of the text."""
    text, places = REFUSED[name]
    source = Source.of(text)

    report = source.restore((await play(source.program())).error)

    assert (report.kind, [(one.line, one.column) for one in report.violations]) == ("policy", places or report.message)


SYNTAX = {
    "mark inside": ("x = 1\n\ufeffy = 2", 2, 1),
    "nul": ("x = 1\r\ny = '\0'", 2, 6),
    "coding that would decode": ("# coding: utf-7\n+AHg-.gi_frame +", 2, 6),
    "continuation at the end": ("x = 1 + \\", 1, 10),
    "no identifier": ("x.\u2460", 1, 3),
}


@pytest.mark.parametrize("name", SYNTAX)
async def test_what_is_no_python_is_refused_at_its_place(play: Play, name: str) -> None:
    """Nothing decodes, skips or repairs a text."""
    text, line, column = SYNTAX[name]

    error = (await play(Source.of(text).program())).error

    assert (error.kind, error.traceback[0].line, error.traceback[0].column) == ("syntax", line, column)


NAMED = {
    "getattr": f"getattr(1, {DICT!r})",
    "format": f"'{{0.{DICT}}}'.format(1)",
    "attrgetter": f"import operator\noperator.attrgetter({GLOBALS!r})(len)",
}


@pytest.mark.parametrize("name", NAMED)
async def test_a_text_is_no_identifier(play: Play, name: str) -> None:
    """Only the parser normalises: a name given as text is another name, which nothing has."""
    assert (await play(NAMED[name])).error.type == "AttributeError"


async def test_an_identifier_is_one_however_it_is_written(play: Play) -> None:
    """The policy refuses forms of forbidden names, and no others."""
    assert (await play("\uff58 = 20\nclass A: \uff46ield = 1\nx + A.field")).value == 21


async def test_columns_of_frames_count_characters(play: Play) -> None:
    """The interpreter counts bytes."""
    error = (await play("é = '\U0001f600'; ü = 1 / 0")).error

    assert [(frame.line, frame.column) for frame in error.traceback] == [(1, 14)]


async def test_lines_of_frames_are_pythons_lines(play: Play) -> None:
    """A form feed or a line separator in a string begins no line."""
    error = (await play("x = '\u2028\x0c\x1d'\r\ny = 1\r1 / 0")).error

    assert [(frame.line, frame.source) for frame in error.traceback] == [(3, "1 / 0")]
