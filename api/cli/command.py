"""The `isthmus` command: serve, run one program or template, examine the walls, say who may call.

Exit code 2 is for what was typed, 1 for what failed.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import NoReturn

from api.cli.administration import add_keys_arguments, add_tenants_arguments, administer
from api.cli.display import say
from api.cli.doctor import add_doctor_arguments, diagnose
from api.cli.execute import add_execute_arguments, execute
from api.cli.run import add_run_arguments, run_program
from api.schemas.writing import run_text
from api.server import serve
from sandbox.errors import HostError, SandboxError
from service.assembly import make_service, open_database
from service.errors import ServiceError, SubmissionRejected
from service.functions.python import load_functions
from service.settings import read_settings, unknown_variables

_COMMANDS = "serve | run | execute | doctor | keys | tenants"
_EXECUTE = "Run a template from its document or a bundle, as template.container_args() names it. Needs no service."
_KEYS = "Keys of callers, in the database of ISTHMUS_DATABASE. With a first key, the service asks every caller for one."
_TENANTS = "Tenants and their rights, in the database of ISTHMUS_DATABASE. A service sees changes within a second."


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Do what the command line says and end the process."""
    try:
        code = _obey(parser().parse_args(arguments))
        sys.stdout.flush()
    except (ServiceError, SandboxError) as error:
        code = _complain(error)
    except BrokenPipeError:
        # Whoever read the output has gone; nothing is left to be said, not even while the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def version() -> str:
    """Return the version that is installed."""
    try:
        return metadata.version("isthmus")
    except metadata.PackageNotFoundError:
        return "0+not-installed"


def _obey(options: argparse.Namespace) -> int:
    # Appended, never put first: a file of the current directory must not stand in for an installed module.
    sys.path.append(os.getcwd())  # noqa: PTH109 - the import path holds text
    for advice in unknown_variables(os.environ):
        say(f"warning: {advice}")
    if options.command == "doctor":
        return diagnose(options)
    if options.command == "execute":
        return execute(options)
    settings = read_settings()
    if options.command in ("keys", "tenants"):
        return administer(settings, options)
    functions = load_functions(options.functions)
    if options.command == "run":
        return run_program(settings, functions, options)
    service = make_service(settings, functions, store=open_database(settings), write_run=run_text, say=say)
    serve(service, settings, host=options.host, port=options.port, version=version())
    return 0


def _complain(error: Exception) -> int:
    faults = (
        [f"{_place(fault.pointer)} {fault.message}" for fault in error.faults]
        if isinstance(error, SubmissionRejected)
        else []
    )
    for line in faults or [str(error)]:
        say(line)
    return 1 if isinstance(error, HostError) else 2


def _place(pointer: str) -> str:
    """Return where on the command line the part of the submission comes from."""
    name = pointer.removeprefix("/inputs/")
    return f"--input {name}" if name != pointer else pointer


def parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    reader = argparse.ArgumentParser(
        prog="isthmus", description="Runs Python that nobody has reviewed, in an isolated interpreter."
    )
    reader.add_argument("--version", action="version", version=f"isthmus {version()}")
    commands = reader.add_subparsers(dest="command", required=True, metavar=_COMMANDS)
    _add_serve_arguments(commands.add_parser("serve", help="answer POST /orchestrate", description="Serve over HTTP."))
    add_run_arguments(commands.add_parser("run", help="run one program", description="Run one program and print it."))
    for command in [*commands.choices.values()]:
        command.add_argument(
            "--functions", action="append", default=[], metavar="MODULE:NAME",
            help="a TaskEnvironment whose functions programs may call, as in examples.shop:env; may be repeated",
        )  # fmt: skip
    add_execute_arguments(commands.add_parser("execute", help="run one exported template", description=_EXECUTE))
    description = "Start a worker, try what each wall has to refuse, and say which walls stand on this machine."
    add_doctor_arguments(commands.add_parser("doctor", help="examine the walls", description=description))
    add_keys_arguments(commands.add_parser("keys", help="make, list and revoke keys", description=_KEYS))
    add_tenants_arguments(commands.add_parser("tenants", help="make, change and list tenants", description=_TENANTS))
    return reader


def _add_serve_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="another than loopback needs ISTHMUS_API_KEY")
    parser.add_argument("--port", type=_port, default=8080, help="default 8080; 0 takes a free one")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        reason = "write a number from 0 to 65535"
        raise argparse.ArgumentTypeError(reason)
    return int(text)
