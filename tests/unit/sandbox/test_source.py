"""Source text: what runs of what was sent, and where its lines and columns were."""

import time

import pytest

from sandbox.source import Source
from sandbox.turns import ErrorReport, Frame


def restored(source: Source, line: int | None, column: int | None) -> tuple[int | None, int | None]:
    """Line and column as an answer shows them, for a place in the program that ran."""
    frame = Frame(line=line, column=column, function="<module>", source="")
    report = source.restore(ErrorReport(kind="runtime", type="E", message="", traceback=(frame,)))
    return report.traceback[0].line, report.traceback[0].column


@pytest.mark.parametrize(
    ("sent", "text", "program"),
    [
        ("x * 2", "x * 2", "x * 2"),
        ("", "None", "None"),
        (" \n\t\n", "None", "\n\nNone"),
        ("\n\n    x = 1\n    if x:\n        y = 2\n  ", "x = 1\nif x:\n    y = 2", "\n\nx = 1\nif x:\n    y = 2"),
        ("  x = 1\r\n\r\n  y = 2\r\n", "x = 1\n\ny = 2", "x = 1\n\ny = 2"),
        ("x = '''\n   \n'''", "x = '''\n   \n'''", "x = '''\n   \n'''"),
        ("  x\ny", "x\ny", "x\ny"),
        ("x\ry\r\nz", "x\ny\nz", "x\ny\nz"),
        ("```python\nx = 1\n```", "x = 1", "\nx = 1"),
        ("```\r\nx", "x", "\nx"),
        ("Look:\n\n```py\n  x\n```\nIt's that.", "x", "\n\n\nx"),
        ("````\n'''\n```\n'''\n````", "'''\n```\n'''", "\n'''\n```\n'''"),
        ("\ufeffx", "x", "x"),
        ("```\n\n```\n", "None", "\n\nNone"),
        ("x = 1\nx\n```\n", "x = 1\nx", "x = 1\nx"),
        ("```python title=a\nx\n```", "x", "\nx"),
    ],
)
def test_source_is_dedented_and_stripped_on_its_lines(sent: str, text: str, program: str) -> None:
    """Source is often written inside of indented code, or of text; all else is left as it is."""
    source = Source.of(sent)

    assert source.text == text
    assert source.program() == program


@pytest.mark.parametrize(
    ("sent", "notes"),
    [
        ("x", []),
        ("\n\nx", []),
        ("\n  x", [("indentation-removed", 2)]),
        ("  x\ny", [("indentation-removed", 1)]),
        ("\ufeffx", [("mark-removed", 1)]),
        ("```\n x\n```", [("fence-removed", 1), ("indentation-removed", 2)]),
        ("a\n```\nx\n```\n\nb", [("fence-removed", 2), ("prose-removed", 1), ("prose-removed", 5)]),
        ("```\n1\n```\n```\n2\n```", []),
        ("```text a\n1\n```", []),
        ("x\n```", [("fence-removed", 2)]),
        ("```json\n1\n```", []),
        ("f'''\n```\n'''", []),
        ("x = '\"\"\"'\n'''\n```\n'''", []),
        ('# don\'t\n"""\n```\n"""', []),
        ("f'''{\n\"\"\"\n```\n\"\"\"}'''", []),
        ("f\"\"\"{f'''\n```\n{x}\n```\n'''}\"\"\"", []),
        ('f"""{x!r:>{width}}\n```\n"""', []),
        ('f"{x}" + """\n```\n"""', []),
        ("rf\"\"\"\n~~~\n\"\"\" + F'''\n```\n'''", []),
        ('t"""{"a"}\n```\n"""', []),
        ('f"""{"""a"""}"""\n"""\n```\n"""', []),
        ('```\nf"""{"""a"""}"""\n```', [("fence-removed", 1)]),
    ],
)
def test_what_is_done_to_the_text_is_noted(sent: str, notes: list[tuple[str, int]]) -> None:
    """Nothing is silent; what cannot be decided is left to the parser, which refuses it."""
    assert [(note.code, note.line) for note in Source.of(sent).notes] == notes


def test_a_field_that_holds_the_quotes_of_its_own_string_is_not_understood() -> None:
    """Python allows it since 3.12. The scan takes the inner quotes for the end, and says what it removed."""
    sent = 'f"""{"""\n```\nx\n```\n"""}"""'

    source = Source.of(sent)

    assert source.text == "x"
    assert [note.code for note in source.notes] == ["fence-removed", "prose-removed", "prose-removed"]


@pytest.mark.parametrize(
    "sent",
    [
        "```\n" * 50_000,
        'f"""{' * 50_000 + "\n```",
        "'''\n```\n" * 50_000,
        '"""' * 100_000 + "\n```",
        "'\\" * 100_000 + "\n```",
        "``` " + " " * 200_000 + "`",
        "x\n```py `\n" * 50_000,
        '\\"""\n```x`\n' * 20_000 + "\\",
        "\\'''\n```x`\n" * 20_000 + "\\",
    ],
    ids=["fences", "fields", "strings", "quotes", "escapes", "spaces", "backticks", "last", "single last"],
)
def test_reading_a_text_takes_time_in_proportion_to_it(sent: str) -> None:
    """It happens on the host, before any limit; a text that is read again and again would take a minute or more."""
    started = time.process_time()

    Source.of(sent)

    assert time.process_time() - started < 10


def test_places_refer_to_the_text_as_it_was_sent() -> None:
    """Whoever repairs the source looks at their own text."""
    indented = Source.of("\n\n    x = 1\n    y = z\n")
    ragged = Source.of("  x\ny")
    marked = Source.of("\ufeffx\ny")
    fenced = Source.of("```\n  x\n  y")

    assert restored(indented, 4, 5) == (4, 9)
    assert restored(indented, 4, None) == (4, None)
    assert restored(ragged, 1, 1) == (1, 3)
    assert restored(ragged, 2, 1) == (2, 1)
    assert restored(marked, 1, 1) == (1, 2)
    assert restored(marked, 2, 1) == (2, 1)
    assert restored(fenced, 2, 1) == (2, 3)
    assert restored(fenced, 3, 1) == (3, 3)
    assert restored(Source.of("x"), 1, 1) == (1, 1)
