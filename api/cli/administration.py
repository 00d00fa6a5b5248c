"""`isthmus keys` and `isthmus tenants`: who may call the service, and what for."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from api.cli.terminal import say
from service import administration
from service.assembly import open_database, registered
from service.functions.python import load_functions
from service.rights import DEFAULT_TENANT, RUN, SCOPES, Rights, RunRate
from service.settings import Settings
from service.store.database import Store
from service.webhooks import secret_of

_MAX_DIGITS = 15


def add_keys_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `isthmus keys` takes."""
    commands = parser.add_subparsers(dest="act", required=True, metavar="create | list | revoke")
    create = commands.add_parser("create", help="make a key and print it, once")
    create.add_argument("--tenant", default=DEFAULT_TENANT, help=f"whose it is; default {DEFAULT_TENANT}")
    create.add_argument(
        "--scope",
        action="append",
        default=[],
        choices=[*SCOPES],
        help=f"what it is for, and nothing else; may be repeated; default {RUN}. "
        + "; ".join(f"{scope}: {meaning}" for scope, meaning in SCOPES.items()),
    )
    create.add_argument("--label", default="", help="what it is for, shown by list")
    listed = commands.add_parser("list", help="show the keys, without what they are")
    listed.add_argument("--tenant", default=None, help="those of one tenant")
    listed.add_argument("--json", action="store_true", help="print them as JSON")
    revoke = commands.add_parser("revoke", help="take a key back, within a second")
    revoke.add_argument("key", help="its public part, ik_..., as list shows it, or the key itself")


def add_tenants_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `isthmus tenants` takes."""
    commands = parser.add_subparsers(dest="act", required=True, metavar="create | set | list | secret")
    for name, meaning in (("create", "make a tenant"), ("set", "change its rights; those that are not named stay")):
        command = commands.add_parser(name, help=meaning)
        command.add_argument("name", help="1 to 64 letters a-z, digits, and - _ .")
        _add_rights(command)
    secret = commands.add_parser("secret", help="print the secret that receivers of its webhooks check messages by")
    secret.add_argument("name", nargs="?", default=DEFAULT_TENANT, help=f"default {DEFAULT_TENANT}")
    commands.add_parser("list", help="show the tenants").add_argument(
        "--json", action="store_true", help="print them as JSON"
    )


def _add_rights(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--allow", type=_names, metavar="A,B", help="the functions that it may call; * for all, which is the default")
    add(
        "--functions",
        action="append",
        default=[],
        metavar="MODULE:NAME",
        help="as for isthmus serve, and with the HTTP APIs of ISTHMUS_OPENAPI: names of --allow have to be among these",
    )
    add("--ceiling", type=_ceiling, metavar="JSON", help="""limits that it may ask for, as in '{"wall_seconds": 60}'""")
    add("--share", type=int, metavar="N", help="its weight where tenants compete; default 1")
    add("--max-running", type=_count, metavar="N", help="runs of it that go on at once; * for no bound of its own")
    add("--max-queued", type=_count, metavar="N", help="runs of it that wait; * for no bound of its own")
    add(
        "--max-kept-bytes",
        type=_count,
        metavar="N",
        help="bytes that its runs and templates may take in the database; * for the default",
    )
    add("--max-waiting-runs", type=_count, metavar="N", help="kept runs that have not ended; * for the default")
    add("--rate", type=_rate, metavar="RUNS/SECONDS", help="how often it may submit, as in 100/60; * for no bound")


def administer(settings: Settings, options: argparse.Namespace) -> int:
    """Do what the command line says to the database of the settings."""
    if options.act == "secret":
        return _print_secret(settings, options.name)
    if options.command == "tenants" and options.act != "list":
        _check_allowed(settings, options)
    with closing(open_database(settings)) as store:
        _ACTS[options.command, options.act](store, options)
    return 0


def _check_allowed(settings: Settings, options: argparse.Namespace) -> None:
    """Refuse names of functions that there are not, as far as it is said which there are."""
    names = options.allow if isinstance(options.allow, frozenset) else frozenset()
    if options.functions:
        administration.check_functions(registered(settings, load_functions(options.functions), say=say), names)
    elif names:
        shown = ", ".join(sorted(names))
        say(f"warning: not checked that there are these functions: {shown}; --functions says which are")


def _print_secret(settings: Settings, tenant: str) -> int:
    if settings.webhook_secret is None:
        say("no message is signed: ISTHMUS_WEBHOOK_SECRET is not set")
        return 1
    sys.stdout.write(secret_of(settings.webhook_secret.get_secret_value(), tenant) + "\n")
    return 0


def _create_key(store: Store, options: argparse.Namespace) -> None:
    key = administration.create_key(store, tenant=options.tenant, scopes=options.scope, label=options.label)
    sys.stdout.write(f"{key}\n")
    say("this is shown once; only a digest of it is kept")


def _list_keys(store: Store, options: argparse.Namespace) -> None:
    rows = [
        {
            "id": row.id, "tenant": row.tenant, "scopes": list(row.scopes), "label": row.label,
            "created_at": _time(row.created_at), "revoked_at": _time(row.revoked_at),
        }
        for row in administration.keys(store, tenant=options.tenant)
    ]  # fmt: skip
    if not rows:
        whose = "no keys" if options.tenant is None else f'tenant "{options.tenant}" has no keys'
        say(f"{whose}; `isthmus keys create` makes one")
    _print(rows, as_json=options.json)


def _revoke_key(store: Store, options: argparse.Namespace) -> None:
    administration.revoke(store, options.key)
    say("revoked; within a second, no request gets through with it")


def _create_tenant(store: Store, options: argparse.Namespace) -> None:
    administration.create_tenant(store, options.name, Rights(**_rights(options)))
    say(f'tenant "{options.name}" made; `isthmus keys create --tenant {options.name}` makes a key of it')


def _set_tenant(store: Store, options: argparse.Namespace) -> None:
    rights = administration.change_rights(store, options.name, **_rights(options))
    sys.stdout.write(f"{rights.text()}\n")


def _list_tenants(store: Store, options: argparse.Namespace) -> None:
    rows = [
        {"name": name, **json.loads(rights.text()), "kept_bytes": has.kept_bytes, "waiting_runs": has.waiting_runs}
        for name, rights, has in administration.tenants(store)
    ]
    if not rows:
        say("no tenants; `isthmus tenants create NAME` makes one, and the first key makes that of the name default")
    _print(rows, as_json=options.json)


_ACTS: dict[tuple[str, str], Callable[[Store, argparse.Namespace], None]] = {
    ("keys", "create"): _create_key,
    ("keys", "list"): _list_keys,
    ("keys", "revoke"): _revoke_key,
    ("tenants", "create"): _create_tenant,
    ("tenants", "set"): _set_tenant,
    ("tenants", "list"): _list_tenants,
}


def _rights(options: argparse.Namespace) -> dict[str, Any]:
    """Return the rights that were named; `*` takes a bound away."""
    named = {
        "functions": options.allow,
        "ceiling": options.ceiling,
        "share": options.share,
        "max_running": options.max_running,
        "max_queued": options.max_queued,
        "max_kept_bytes": options.max_kept_bytes,
        "max_waiting_runs": options.max_waiting_runs,
        "rate": options.rate,
    }
    return {name: None if value == "*" else value for name, value in named.items() if value is not None}


def _print(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    for row in rows:
        shown = [f"{name}={_shown(value)}" for name, value in row.items() if value not in (None, "", [])]
        sys.stdout.write("  ".join(shown) + "\n")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _time(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).isoformat(timespec="seconds")


def _names(text: str) -> "frozenset[str] | str":
    return "*" if text == "*" else frozenset(name.strip() for name in text.split(",") if name.strip())


def _ceiling(text: str) -> dict[str, Any]:
    try:
        tree = json.loads(text)
    except ValueError:
        tree = None
    if not isinstance(tree, dict):
        reason = """write JSON, as in '{"wall_seconds": 60}'"""
        raise argparse.ArgumentTypeError(reason)
    return tree


def _count(text: str) -> "int | str":
    if text == "*":
        return text
    if not text.isdecimal() or len(text) > _MAX_DIGITS:
        reason = "write a number, or * for no bound"
        raise argparse.ArgumentTypeError(reason)
    return int(text)


def _rate(text: str) -> "RunRate | str":
    runs, _, seconds = text.partition("/")
    if text == "*":
        return text
    try:
        return RunRate(runs=int(runs), per_seconds=float(seconds or 1))
    except ValueError:
        reason = "write runs/seconds, as in 100/60, or * for no bound"
        raise argparse.ArgumentTypeError(reason) from None
