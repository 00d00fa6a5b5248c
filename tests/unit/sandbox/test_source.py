"""Source text: what runs of what was sent, and where its lines and columns were."""

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
    ],
)
def test_source_is_dedented_and_stripped_on_its_lines(sent: str, text: str, program: str) -> None:
    """Source is often written inside of indented code; a text that is not indented is left as it is."""
    source = Source.of(sent)

    assert source.text == text
    assert source.program() == program


def test_places_refer_to_the_text_as_it_was_sent() -> None:
    """Whoever repairs the source looks at their own text."""
    indented = Source.of("\n\n    x = 1\n    y = z\n")
    ragged = Source.of("  x\ny")

    assert restored(indented, 4, 5) == (4, 9)
    assert restored(indented, 4, None) == (4, None)
    assert restored(ragged, 1, 1) == (1, 3)
    assert restored(ragged, 2, 1) == (2, 1)
    assert restored(Source.of("x"), 1, 1) == (1, 1)
