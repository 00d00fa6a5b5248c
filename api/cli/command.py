"""The `isthmus` command: serve, run one program or template, examine the walls, say who may call.

Exit code 2 is for what was typed, 1 for what failed. A command imports what it needs and no more: a template that runs
as a process of its own, or a key that is made, would wait longer for a web framework than for itself.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import NoReturn

from api.cli.terminal import say
from sandbox.errors import HostError, SandboxError
from service.errors import ServiceError, SubmissionRejected
from service.settings import read_settings, unknown_variables


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Do what the command line says and end the process."""
    try:
        words = sys.argv[1:] if arguments is None else arguments
        code = _obey(parser(words).parse_args(words))
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
    code: int = options.obey(options)
    return code


def _serve(options: argparse.Namespace) -> int:
    from api.schemas.writing import run_text
    from api.server import serve
    from service.assembly import make_service, open_database
    from service.functions.python import load_functions

    settings = read_settings()
    functions = load_functions(options.functions)
    store = open_database(settings, alone=True)
    service = make_service(settings, functions, store=store, write_run=run_text, say=say)
    serve(service, settings, host=options.host, port=options.port, version=version())
    return 0


def _run(options: argparse.Namespace) -> int:
    from api.cli.run import run_program
    from service.functions.python import load_functions

    settings = read_settings()
    return run_program(settings, load_functions(options.functions), options)


def _administer(options: argparse.Namespace) -> int:
    from api.cli.administration import administer

    return administer(read_settings(), options)


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


def parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Return what reads the command line.

    Args:
        words: those of the command line; commands that are not among them are named, without their options. None:
            all have them.
    """
    reader = argparse.ArgumentParser(
        prog="isthmus", description="Runs Python that nobody has reviewed, in an isolated interpreter."
    )
    reader.add_argument("--version", action="version", version=f"isthmus {version()}")
    commands = reader.add_subparsers(dest="command", required=True, metavar=" | ".join(_COMMANDS))
    for name, (shown, description, declare) in _COMMANDS.items():
        command = commands.add_parser(name, help=shown, description=description)
        if words is None or name in words:
            declare(command)
    return reader


def _declare_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", help="another than loopback needs a key: ISTHMUS_API_KEY, or one of the database"
    )
    parser.add_argument("--port", type=_port, default=8080, help="default 8080; 0 takes a free one")
    _declare_functions(parser)
    parser.set_defaults(obey=_serve)


def _declare_run(parser: argparse.ArgumentParser) -> None:
    from api.cli.run import add_run_arguments

    add_run_arguments(parser)
    _declare_functions(parser)
    parser.set_defaults(obey=_run)


def _declare_functions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--functions", action="append", default=[], metavar="MODULE:NAME",
        help="a TaskEnvironment whose functions programs may call, as in examples.shop:env; may be repeated",
    )  # fmt: skip


def _declare_execute(parser: argparse.ArgumentParser) -> None:
    from api.cli.execute import add_execute_arguments, execute

    add_execute_arguments(parser)
    parser.set_defaults(obey=execute)


def _declare_doctor(parser: argparse.ArgumentParser) -> None:
    from api.cli.doctor import add_doctor_arguments, diagnose

    add_doctor_arguments(parser)
    parser.set_defaults(obey=diagnose)


def _declare_image(parser: argparse.ArgumentParser) -> None:
    from api.cli.image import add_image_arguments, obey_image

    add_image_arguments(parser)
    parser.set_defaults(obey=obey_image)


def _declare_keys(parser: argparse.ArgumentParser) -> None:
    from api.cli.administration import add_keys_arguments

    add_keys_arguments(parser)
    parser.set_defaults(obey=_administer)


def _declare_tenants(parser: argparse.ArgumentParser) -> None:
    from api.cli.administration import add_tenants_arguments

    add_tenants_arguments(parser)
    parser.set_defaults(obey=_administer)


_COMMANDS: dict[str, tuple[str, str, Callable[[argparse.ArgumentParser], None]]] = {
    "serve": ("answer POST /orchestrate", "Serve over HTTP.", _declare_serve),
    "run": ("run one program", "Run one program and print it.", _declare_run),
    "execute": (
        "run one exported template",
        "Run a template from its document or a bundle, as template.container_args() names it. Needs no service.",
        _declare_execute,
    ),
    "doctor": (
        "examine the walls",
        "Start a worker, try what each wall has to refuse, and say which walls stand on this machine.",
        _declare_doctor,
    ),
    "image": (
        "build, list and remove guest images",
        "Guest images: the guest with packages of pure Python inside. Kept in the cache directory (ISTHMUS_CACHE_DIR).",
        _declare_image,
    ),
    "keys": (
        "make, list and revoke keys",
        "Keys of callers, in the database of ISTHMUS_DATABASE."
        " With a first key, the service asks every caller for one.",
        _declare_keys,
    ),
    "tenants": (
        "make, change and list tenants",
        "Tenants and their rights, in the database of ISTHMUS_DATABASE. A service sees changes within a second.",
        _declare_tenants,
    ),
}
"""Name -> what help says of it, its description, and what declares its options and what obeys them."""


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        reason = "write a number from 0 to 65535"
        raise argparse.ArgumentTypeError(reason)
    return int(text)
