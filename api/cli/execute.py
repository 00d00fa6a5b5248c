"""`isthmus execute`: one template from its document or from a bundle, inputs from a file and the value to a file.

This is what `template.container_args(sctx)` names: it needs no service and no database, and imports only those
functions that its command line lists.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from api.cli.terminal import say
from sandbox import run
from sandbox.errors import GuestError, MisuseError, ValueRejected
from sandbox.extend import CodeBundle, download_code_bundle, template_of_bundle, template_of_text
from sandbox.json_values import to_json
from sandbox.templates.code import CodeTaskTemplate

_VALUE_FILE = "value.json"
_STDOUT = "-"


class NotExecutable(MisuseError):
    """What the command line names cannot be executed."""

    code = "not_executable"


def add_execute_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `isthmus execute` takes."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--template", metavar="JSON", help="the template's document, or the path of a file with it")
    what.add_argument("--bundle", metavar="TGZ", help="a bundle that holds the template")
    parser.add_argument("--version", metavar="SHA256", help="the version of the bundle")
    parser.add_argument("--name", help="the name of the template in the bundle")
    parser.add_argument(
        "--destination", default=".", help="where the bundle is unpacked; default: the current directory"
    )
    parser.add_argument("--inputs", required=True, metavar="FILE", help="a JSON object, input -> value")
    parser.add_argument(
        "--output", required=True, metavar="FILE",
        help=f'gets {{"value": ...}} or {{"error": ...}}; in a directory, the file {_VALUE_FILE}; - for '
        "standard output, and what the program prints then goes to standard error",
    )  # fmt: skip
    parser.add_argument(
        "--function", action="append", default=[], metavar="MODULE:NAME",
        help="a function that the template calls and that may be imported for it; may be repeated",
    )  # fmt: skip


def execute(options: argparse.Namespace) -> int:
    """Run the template and write what became of it; 0 when it has a value, 1 when it failed.

    Raises:
        NotExecutable: what the command line names is not there, or does not fit.
    """
    try:
        template = _template(options)
        template.from_source()
        inputs = _inputs(template, _json_of(options.inputs))
    except (ValueError, TypeError, ImportError, ValueRejected) as error:
        raise NotExecutable(str(error)) from None
    except OSError as error:
        name = "" if error.filename is None else f" {error.filename}"
        message = f"cannot read{name}: {error.strerror or type(error).__name__}"
        raise NotExecutable(message) from None
    try:
        ended = asyncio.run(run.aio(template, **inputs))
        answer = {"value": to_json(template.interface.output_type.lower(ended.value))}
    except GuestError as error:
        ended, answer = error.run, {"error": _told(error)}
    if ended is not None:
        (sys.stderr if options.output == _STDOUT else sys.stdout).write(ended.stdout)
    if options.output == _STDOUT:
        sys.stdout.write(_text(answer) + "\n")
    else:
        _write(Path(options.output), answer)
    if "error" in answer:
        say(f"{template.name} failed: {answer['error']['type']}: {answer['error']['message']}")
    return 1 if "error" in answer else 0


def _template(options: argparse.Namespace) -> CodeTaskTemplate:
    if options.template is not None:
        text = options.template
        if not text.lstrip().startswith("{"):
            text = Path(text).read_text(encoding="utf-8")
        return template_of_text(text, allowed=options.function)
    if options.version is None or options.name is None:
        message = "--bundle needs --version and --name as well"
        raise ValueError(message)
    bundle = CodeBundle(computed_version=options.version, tgz=options.bundle, destination=options.destination)
    return template_of_bundle(asyncio.run(download_code_bundle(bundle)), options.name, allowed=options.function)


def _inputs(template: CodeTaskTemplate, given: object) -> dict[str, Any]:
    kinds = template.interface.input_types
    if not isinstance(given, dict):
        message = "--inputs must hold a JSON object, input -> value"
        raise TypeError(message)
    unknown = [name for name in given if name not in kinds]
    missing = [name for name in template.interface.required_inputs() if name not in given]
    if unknown or missing:
        what = f"there is no input {unknown[0]!r}" if unknown else f"there is no value for the input {missing[0]!r}"
        message = f"{what}; inputs of {template.name!r}: {', '.join(kinds) or 'none'}"
        raise ValueError(message)
    return {name: kinds[name].from_json(value, name) for name, value in given.items()}


def _told(error: GuestError) -> dict[str, Any]:
    report = None if error.run is None else error.run.error
    if report is None:
        return {"kind": "type", "type": type(error).__name__, "message": str(error), "line": None, "hint": None}
    line = report.traceback[-1].line if report.traceback else None
    return {"kind": report.kind, "type": report.type, "message": report.message, "line": line, "hint": report.hint}


def _json_of(path: str) -> object:
    try:
        return json.loads(Path(path).read_bytes())
    except (ValueError, RecursionError):
        message = f"--inputs {path} holds no JSON: write an object, input -> value"
        raise ValueError(message) from None


def _text(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False)


def _write(path: Path, answer: dict[str, Any]) -> None:
    """Write the whole answer or nothing: whoever waits for the file never finds half of one."""
    path = path / _VALUE_FILE if path.is_dir() else path
    try:
        beside = path.with_name(f"{path.name}.part")
        beside.write_text(_text(answer), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        message = f"cannot write the value to {path}: {error.strerror}"
        raise NotExecutable(message) from None
