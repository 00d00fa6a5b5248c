"""`isthmus run`: one program from the terminal."""

import json
from pathlib import Path

import pytest

from sandbox.policy import NOTES
from tests.acceptance.serving import FUNCTIONS, run_command

PROGRAM = "print('adding')\nadd(x, 2)\n"
FAILING = "total = 0\nfor n in [1, 0]:\n    total += 1 / n\n"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program in a file."""
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    return file


def test_value_calls_and_usage_are_printed(program: Path) -> None:
    """Readable on a terminal."""
    done = run_command("run", str(program), "--input", "x=1", "--functions", FUNCTIONS)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[:6] == ["adding", "", "value: 3", "", "calls (1):", lines[5]]
    assert lines[5].startswith("  line 2: add(x=1, y=2) = 3  [")
    assert lines[7].startswith("usage: ")


def test_json_is_the_answer_of_the_service(program: Path) -> None:
    """Scripts read it."""
    done = run_command("run", str(program), "--json", "--input", "x=1", "--functions", FUNCTIONS)

    run = json.loads(done.stdout)
    assert (run["status"], run["output"], run["stdout"]) == ("completed", 3, "adding\n")
    assert run["template"]["name"] == "program.py"


def test_a_program_is_read_from_standard_input() -> None:
    """Values that are JSON are JSON, all others text."""
    source = "[a, b, c, d]"
    inputs = ["--input", "a=[1, 2]", "--input", "b=hello=you", "--input", "c=NaN", "--input", 'd="3"']
    done = run_command("run", "-", "--json", *inputs, stdin=source)

    assert json.loads(done.stdout)["output"] == [[1, 2], "hello=you", "NaN", "3"]


def test_whoever_types_the_command_may_switch_the_policy_off() -> None:
    """It is their machine; a caller of the service needs its operator's leave."""
    source = "import sys\nsys.platform"

    guarded = run_command("run", "-", "--json", stdin=source)
    opened = run_command("run", "-", "--json", "--policy", "open", stdin=source)

    assert json.loads(guarded.stdout)["error"]["kind"] == "policy"
    assert (json.loads(opened.stdout)["output"], json.loads(opened.stdout)["policy"]) == ("wasi", "open")


def test_what_was_done_for_the_program_is_printed() -> None:
    """Else whoever runs it here writes it so again."""
    done = run_command("run", "-", stdin="```python\nx = 1\nreturn x\n```")

    assert done.stdout.splitlines()[:4] == [
        "value: 1",
        "",
        f"note, line 1: {NOTES['fence-removed']}",
        f"note, line 3: {NOTES['return-at-top']}",
    ]


def test_a_program_that_fails_shows_where_and_exits_with_one() -> None:
    """Line, source and what to do."""
    done = run_command("run", "-", stdin=FAILING)

    assert done.returncode == 1
    assert "failed (runtime): ZeroDivisionError: " in done.stdout
    assert "  line 3 in <module>\n    total += 1 / n\n" in done.stdout


def test_control_characters_do_not_reach_the_terminal() -> None:
    """A stranger's program must not move the cursor or set the title."""
    done = run_command("run", "-", stdin="print('\\x1b]0;mine\\x07')")

    assert "\x1b" not in done.stdout
    assert r"\x1b]0;mine\x07" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope.py"], "cannot read the program nope.py: No such file or directory"),
        (["-", "--input", "x"], "write name=value"),
        (["-", "--input", "a b=1"], "isthmus: --input a b cannot be the name of an input"),
        (["-", "--input", "print=1"], "it would hide the builtin"),
    ],
)
def test_what_was_typed_wrongly_exits_with_two(arguments: list[str], message: str) -> None:
    """And says what to type."""
    done = run_command("run", *arguments, stdin="1")

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_engine_that_is_left_out_is_refused_as_at_the_start_of_a_service() -> None:
    """Where it is not installed, that names the extra; "engines of this service" would be no word for a command."""
    done = run_command("run", "-", "--engine", "monty", stdin="1", ISTHMUS_ENGINES="cpython")

    assert (done.returncode, done.stderr) == (2, "isthmus: ISTHMUS_ENGINE: ISTHMUS_ENGINES leaves out monty\n")
