"""Reports: complete, bounded, and nothing that a program says is markup."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

from sandbox import Limits, Link
from sandbox.calls import CallRecord
from sandbox.execute import Finished, Usage
from sandbox.report import MAX_REPORT_BYTES, Reported, report_of
from sandbox.report_page import CONTENT_SECURITY_POLICY, escaped
from sandbox.turns import ErrorReport, Failure, Frame, Note

HOSTILE = "</pre></span><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u202e\x1b[2J"
USAGE = Usage(fuel=10, cpu_seconds=0.5, wall_seconds=1.5, memory_bytes=2**20, output_bytes=3, calls=1)


def call(text: str, number: int = 1, **changed: Any) -> CallRecord:
    """A call in which every text is this one."""
    given: dict[str, Any] = {
        "number": number, "function": text, "arguments": {text: text}, "line": 1, "status": "settled",
        "value": text, "started_seconds": 0.1 * number, "duration_seconds": 0.1, **changed,
    }  # fmt: skip
    return CallRecord(**given)


def finished(text: str, *calls: CallRecord, **changed: Any) -> Finished:
    """A run in which every text is this one."""
    given: dict[str, Any] = {
        "value": text, "error": None, "output": text, "output_truncated": True, "calls": calls, "usage": USAGE,
        "notes": (Note(code="fence-removed", line=1),), **changed,
    }  # fmt: skip
    return Finished(**given)


def reported(text: str) -> Reported:
    """What a report tells of, every text this one."""
    return Reported(
        id="run_1", name=text, source=text, inputs={text: text}, limits=Limits(), engine=text,
        links=(Link(text[:200], "https://example.com/?q=<" + text[:500]),),
    )  # fmt: skip


def failed(text: str) -> ErrorReport:
    """An error, every text this one."""
    frame = Frame(line=1, column=1, function=text, source=text)
    return ErrorReport(kind="runtime", type=text, message=text, hint=text, traceback=(frame,) * 64)


class _Tags(HTMLParser):
    """Counts elements and collects what would load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def test_hostile_text_is_shown_and_never_markup() -> None:
    """Wherever a program can put a text."""
    failure = Failure(type=HOSTILE, message=HOSTILE)
    ended = finished(HOSTILE, call(HOSTILE), call(HOSTILE, 2, failure=failure), error=failed(HOSTILE))
    pages = [report_of(reported(HOSTILE), ended), report_of(reported(HOSTILE), finished(HOSTILE, call(HOSTILE)))]

    for page in pages:
        found = _Tags()
        found.feed(page)
        assert found.tags <= {
            "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "span", "p", "a", "section",
            "strong", "dl", "div", "dt", "dd", "small", "table", "tr", "th", "td", "svg", "rect", "pre", "footer",
        }  # fmt: skip
        assert not {name for name in found.attributes if name.startswith("on") or name in ("src", "style")}
        assert "\u202e" not in page
        assert "\x1b" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_page_allows_its_own_style_and_nothing_else() -> None:
    """Its policy stands in the page, for one that was saved, and names the digest of the style that is in it."""
    page = report_of(reported("x"), finished("x"))

    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ) == CONTENT_SECURITY_POLICY
    assert f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;" in page
    assert "http://" not in page


def test_a_report_is_bounded_whatever_the_run_said() -> None:
    """Characters that grow sixfold when they are escaped, in every text there is."""
    text = "'" * 200_000
    calls = [call(text, number, failure=Failure(type=text, message=text)) for number in range(1, 1_001)]
    wide = Reported(id="run_1", name=text, source="'\n" * 100_000, inputs={f"{n}{text}": text for n in range(500)},
                    limits=Limits(), engine=text)  # fmt: skip

    page = report_of(wide, finished(text, *calls, error=failed(text)))

    assert len(page.encode()) < MAX_REPORT_BYTES
    assert "800 more calls left out" in page
    assert "400 more inputs left out" in page


def test_calls_stand_on_a_time_line() -> None:
    """Two that follow each other fill a half each; one that raised is marked."""
    second = call("g", 2, failure=Failure(type="ValueError", message="no"), attempts=3, line=7)
    page = report_of(reported("x"), finished("x", call("f"), second))

    bars = re.findall(r'<rect class="(bar[ a-z]*)" x="([\d.]+)" y="3" width="([\d.]+)"', page)
    assert bars == [("bar", "0.0", "500.0"), ("bar bad", "500.0", "500.0")]
    assert "100.0 ms, line 7, 3 attempts" in page
    assert '<span class="raised">ValueError: no</span>' in page


def test_the_line_of_an_error_is_marked_in_the_source() -> None:
    """Where a reader looks first."""
    error = ErrorReport(
        kind="runtime", type="ValueError", message="no", traceback=(Frame(line=2, column=1, function="f", source="b"),)
    )
    told = Reported(id="run_1", name="n", source="a\nb\nc", limits=Limits())

    page = report_of(told, finished("", error=error))

    assert '<span>a</span><span class="at">b</span><span>c</span>' in page
    assert '<span class="status failed">failed</span>' in page


def test_a_lone_surrogate_is_no_reason_to_fail() -> None:
    """Programs print what they like."""
    assert escaped("\ud800<") == "?&lt;"
