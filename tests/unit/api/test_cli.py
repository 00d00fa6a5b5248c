"""What the command line reads and shows."""

import argparse
from typing import Any

import pytest

from api.cli.command import parser
from api.cli.display import run_display
from api.server import is_loopback
from service.runs.record import RunCall
from tests.unit.service.builders import make_run, make_usage


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("x=1", "x", 1), ("x=[1, null]", "x", [1, None]), ('x="1"', "x", "1"), ("x=", "x", ""), ("x=a=b", "x", "a=b"),
     ("x=NaN", "x", "NaN"), ("x=1e999", "x", "1e999"), ('x="\\ud800"', "x", '"\\ud800"'),
     ("x=" + "[" * 100_000, "x", "[" * 100_000)],
)  # fmt: skip
def test_values_are_json_or_text(text: str, name: str, value: Any) -> None:
    """Nobody wants to quote text twice for a shell."""
    assert parser().parse_args(["run", "-", "--input", text]).input == [(name, value)]


@pytest.mark.parametrize("text", ["x", "x=\udcff"])
def test_what_is_no_pair_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And the message says what one looks like."""
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["run", "-", "--input", text])

    assert ended.value.code == 2
    assert "write name=value in UTF-8, as in --input x=1" in capsys.readouterr().err


def test_serving_defaults_to_loopback() -> None:
    """Whoever types the shortest command is safe."""
    options: argparse.Namespace = parser().parse_args(["serve"])

    assert (options.host, options.port, options.functions) == ("127.0.0.1", 8080, [])


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),  # noqa: S104
     ("", False), ("example.com", False), ("192.168.0.1", False)],
)  # fmt: skip
def test_only_loopback_is_loopback(host: str, loopback: bool) -> None:  # noqa: FBT001 - a parameter
    """A name that resolves to anything is not."""
    assert is_loopback(host) is loopback


def test_a_run_is_shown_in_a_few_lines() -> None:
    """Printed text, value, calls, usage; long values are cut."""
    call = RunCall(
        call_id="call_1", function="f", arguments={"x": "a" * 500}, status="settled", output=1, error=None, line=2,
        attempts=1, duration_seconds=0.001,
    )  # fmt: skip
    usage = make_usage(fuel=1_234, cpu_seconds=0.001, wall_seconds=0.002, memory_bytes=2**20, calls=7)
    text = run_display(make_run(output={"a": 1}, stdout="hi\n", calls=(call,), usage=usage))

    assert text == (
        'hi\n\nvalue: {\n  "a": 1\n}\n\ncalls (7):\n'
        f'  line 2: f(x="{"a" * 96}...) = 1  [1.0 ms]\n  and 6 more\n\n'
        "usage: 2.0 ms, 1.0 ms computing, 1,234 instructions, 1.0 MiB\n"
    )
