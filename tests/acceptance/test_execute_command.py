"""`isthmus execute`: an exported template runs in a process of its own, inputs from a file, the value to a file."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox import CodeTaskTemplate, TaskEnvironment, orchestrator_from_str
from sandbox.extend import write_code_bundle
from tests.acceptance.serving import run_command
from tests.unit.sandbox.templates import shelf

SOURCE = "print('adding')\n{'total': sum(price(sku) for sku in skus) * factor, 'pair': (1, 2)}"
SHELF = """
def cost(sku):
    return len(sku) * 2
"""

WRITE = """
import costs_of_shelf, json, sys
from types import SimpleNamespace
from sandbox import orchestrator_from_str
from sandbox.extend import write_code_bundle
cost = costs_of_shelf.cost
made = orchestrator_from_str("cost(sku) + 1", inputs={"sku": str}, output=int, tasks=[cost], name="one")
bundle = write_code_bundle("code.tgz", [made], modules=["costs_of_shelf"])
places = SimpleNamespace(input_path="inputs.json", output_path=".", code_bundle=bundle)
json.dump(made.container_args(places), sys.stdout)
"""


def template(source: str = SOURCE, **parameters: Any) -> CodeTaskTemplate:
    """A template that calls a function of a module."""
    inputs = {"skus": list[str], "factor": float}
    return orchestrator_from_str(source, inputs=inputs, output=Any, tasks=[shelf.price], **parameters)


def places(tmp_path: Path, inputs: object, **more: Any) -> SimpleNamespace:
    """Where inputs are and the value goes, as Flyte says it."""
    (tmp_path / "inputs.json").write_text(json.dumps(inputs))
    return SimpleNamespace(input_path=str(tmp_path / "inputs.json"), output_path=str(tmp_path / "out.json"), **more)


def test_the_command_line_of_a_template_runs_it(tmp_path: Path) -> None:
    """As it runs here: the same value, what it printed, and the function of the module."""
    made = template()

    arguments = made.container_args(places(tmp_path, {"skus": ["ab", "cde"], "factor": 2}))
    done = run_command(*arguments[1:])

    assert (done.returncode, done.stdout, done.stderr) == (0, "adding\n", "")
    assert json.loads((tmp_path / "out.json").read_text()) == {"value": {"total": 15.0, "pair": [1, 2]}}
    assert made(skus=["ab", "cde"], factor=2.0)["total"] == 15.0
    assert not (tmp_path / "out.json.part").exists()


def test_a_decorated_function_runs_elsewhere(tmp_path: Path) -> None:
    """With what it uses of its module: constants as values, functions by import path; defaults are filled in."""
    made = TaskEnvironment(name="shelf").sandbox.orchestrator(shelf.total)

    done = run_command(*made.container_args(places(tmp_path, {"skus": ["ab"]}))[1:])

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "out.json").read_text()) == {"value": made(skus=["ab"])}


def test_a_template_among_the_functions_goes_along(tmp_path: Path) -> None:
    """As a document of its own; the functions that it calls are on the command line, too."""
    inner = orchestrator_from_str(
        "shout(text) + '!'", inputs={"text": str}, output=str, tasks=[shelf.shout], name="loud"
    )
    made = orchestrator_from_str("loud(skus[0])", inputs={"skus": list[str]}, output=str, tasks=[inner])

    done = run_command(*made.container_args(places(tmp_path, {"skus": ["ab"]}))[1:])

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "out.json").read_text()) == {"value": "AB!"}


def test_a_template_that_fails_tells_why_in_its_file(tmp_path: Path) -> None:
    """A backend reads the file, a person the line."""
    made = template("x = 0\nfactor / x", name="ratio")

    done = run_command(*made.container_args(places(tmp_path, {"skus": [], "factor": 1.5}))[1:])

    assert done.returncode == 1
    assert done.stderr.startswith("isthmus: ratio failed: ZeroDivisionError: ")
    told = json.loads((tmp_path / "out.json").read_text())["error"]
    assert (told["kind"], told["type"], told["line"]) == ("runtime", "ZeroDivisionError", 2)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"skus": []}, "there is no value for the input 'factor'; inputs of 'sandboxed-code': skus, factor"),
        ({"skus": [], "factor": 1, "x": 1}, "there is no input 'x'; inputs of 'sandboxed-code': skus, factor"),
        ({"skus": [1], "factor": 1}, "skus[0] is an int, not str"),
        ([], "--inputs must hold a JSON object, input -> value"),
    ],
)
def test_inputs_that_do_not_fit_are_named(tmp_path: Path, inputs: object, message: str) -> None:
    """Before anything runs."""
    done = run_command(*template().container_args(places(tmp_path, inputs))[1:])

    assert (done.returncode, done.stderr) == (2, f"isthmus: {message}\n")
    assert not (tmp_path / "out.json").exists()


def test_only_functions_of_the_command_line_are_imported(tmp_path: Path) -> None:
    """The document says what it calls; whoever starts the command says what may be."""
    arguments = template().container_args(places(tmp_path, {"skus": [], "factor": 1}))
    done = run_command(*arguments[1 : arguments.index("--function")])

    assert done.returncode == 2
    assert done.stderr == (
        f"isthmus: the template calls {shelf.__name__}:price, which is not among the functions that may be imported: "
        "none\n"
    )


def test_a_bundle_runs_where_its_modules_are_not(tmp_path: Path) -> None:
    """Template and function come out of the archive: nothing else is there but Isthmus."""
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / "costs_of_shelf.py").write_text(SHELF)
    write = [sys.executable, "-c", WRITE]
    wrote = subprocess.run(write, cwd=tmp_path / "here", capture_output=True, text=True, check=True)
    (tmp_path / "here" / "code.tgz").rename(tmp_path / "there" / "code.tgz")
    (tmp_path / "there" / "inputs.json").write_text('{"sku": "abc"}')

    there = [sys.executable, "-m", "api", *json.loads(wrote.stdout)[1:]]
    done = subprocess.run(there, cwd=tmp_path / "there", capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "there" / "value.json").read_text()) == {"value": 7}


def test_a_bundle_needs_its_version(tmp_path: Path) -> None:
    """Without it, any archive of that name would do."""
    made = write_code_bundle(tmp_path / "code.tgz", [template()])
    done = run_command("execute", "--bundle", str(made.tgz), "--inputs", "i.json", "--output", "o.json")

    assert (done.returncode, done.stderr) == (2, "isthmus: --bundle needs --version and --name as well\n")


def test_the_value_can_go_to_standard_output(tmp_path: Path) -> None:
    """For a pipe; what the program prints is not mixed with it."""
    arguments = template().container_args(places(tmp_path, {"skus": ["ab"], "factor": 1}))
    arguments[arguments.index("--output") + 1] = "-"

    done = run_command(*arguments[1:])

    assert (done.returncode, done.stderr) == (0, "adding\n")
    assert json.loads(done.stdout) == {"value": {"total": 3.0, "pair": [1, 2]}}


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--inputs", "none.json", "cannot read none.json: No such file or directory"),
        ("--template", "none.json", "cannot read none.json: No such file or directory"),
        ("--inputs", "README.md", "--inputs README.md holds no JSON: write an object, input -> value"),
        ("--output", "none/out.json", "cannot write the value to none/out.json: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, option: str, value: str, message: str) -> None:
    """By a sentence, without the number that the operating system has for it."""
    arguments = template("1").container_args(places(tmp_path, {"skus": [], "factor": 1}))
    arguments[arguments.index(option) + 1] = value

    done = run_command(*arguments[1:])

    assert (done.returncode, done.stderr) == (2, f"isthmus: {message}\n")
