"""`isthmus run`: one program from a file or from standard input, with all functions that were loaded."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import structlog

from api.cli.display import run_display
from api.cli.terminal import say
from api.schemas.writing import run_text
from sandbox.dispatch import HostFunction
from sandbox.engines.table import CHOICES
from sandbox.images.kept import REFERENCE
from sandbox.options.config import POLICIES
from sandbox.threads import DaemonExecutor
from service.assembly import make_service
from service.errors import ServiceError
from service.operator_errors import ImageUnknown
from service.rights import OPERATOR
from service.runs.record import Run
from service.runs.submission import Submission
from service.settings import Settings


class ProgramUnreadable(ServiceError):
    """The file of the program cannot be read."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"cannot read the program {name}: {reason}; name a Python file, or - for standard input")


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `isthmus run` takes."""
    parser.add_argument("program", help="a Python file, or - for standard input")
    parser.add_argument(
        "--input", action="append", default=[], type=_input, metavar="NAME=VALUE",
        help="a variable of the program; the value is read as JSON, else as text; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--engine", choices=CHOICES, default=None,
        help="the interpreter; auto: the quickest one that surely runs the program; default: that of ISTHMUS_ENGINE",
    )  # fmt: skip
    parser.add_argument(
        "--policy", choices=POLICIES, default="guarded",
        help="open: run it without the language policy, behind the other walls; default guarded",
    )  # fmt: skip
    parser.add_argument(
        "--image", default=None, metavar="NAME",
        help="the guest image that it runs on: a name of ISTHMUS_IMAGES, or a reference of isthmus image list",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the run as JSON, as POST /orchestrate answers")


def run_program(settings: Settings, functions: Sequence[HostFunction], options: argparse.Namespace) -> int:
    """Run the program and print what became of it; 0 when it completed, 1 when it failed."""
    submission = Submission(
        source=_read(options.program),
        name=_name(options.program),
        inputs=dict(options.input),
        engine=options.engine,
        policy=options.policy,
        image=options.image,
    )
    # Whoever types the command is the operator.
    rights = {"workers": settings.workers or 1, "allow_open_policy": True, "images": _images(settings, options.image)}
    settings = settings.model_copy(update=rights)
    if options.engine is not None:
        # As the service's own, so that an engine that is not here ends the command with what brings it.
        settings = settings.model_copy(update={"engine": options.engine})
    run = asyncio.run(_run(settings, functions, submission))
    if options.json:
        sys.stdout.buffer.write(run_text(run) + b"\n")
    else:
        sys.stdout.write(run_display(run))
    return 0 if run.status == "completed" else 1


async def _run(settings: Settings, functions: Sequence[HostFunction], submission: Submission) -> Run:
    # What went wrong stands in the answer; a log line would only stand beside it.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    # Its threads do not hold up the exit: compiling the guest cannot be interrupted.
    asyncio.get_running_loop().set_default_executor(DaemonExecutor())
    service = make_service(settings, functions, say=say)
    await service.open()
    try:
        await service.images_built()
        known = tuple(function.name for function in service.whitelist_of_all().functions())
        return await service.orchestrate(replace(submission, functions=known), OPERATOR)
    finally:
        await service.close()


def _images(settings: Settings, name: str | None) -> dict[str, tuple[str, ...]]:
    """Return the image that is named, and no others: they would be built first.

    Raises:
        ImageUnknown: there is none of this name.
    """
    if name is None:
        return {}
    if REFERENCE.fullmatch(name):
        return {name: (name,)}
    if name not in settings.images:
        known = ", ".join(settings.images) or "none"
        raise ImageUnknown(f'there is no guest image "{name[:100]}"; images of ISTHMUS_IMAGES: {known}')
    return {name: tuple(settings.images[name])}


def _read(name: str) -> str:
    try:
        return (sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()).decode()
    except OSError as error:
        raise ProgramUnreadable(name, error.strerror or "it cannot be opened") from None
    except UnicodeDecodeError:
        raise ProgramUnreadable(name, "it is not UTF-8 text") from None


def _name(program: str) -> str:
    return "stdin" if program == "-" else Path(program).name[:256].encode(errors="replace").decode()


def _input(text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    try:
        text.encode()
    except UnicodeEncodeError:
        separator = ""
    if not separator:
        reason = "write name=value in UTF-8, as in --input x=1"
        raise argparse.ArgumentTypeError(reason)
    try:
        parsed = json.loads(value, parse_constant=_refuse)
        json.dumps(parsed, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return name, value
    return name, parsed


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
