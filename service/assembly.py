"""Settings -> Service: the only place that constructs the engines."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import platformdirs

from sandbox.cache import CacheStore, make_store
from sandbox.choice import Engines
from sandbox.dispatch import HostFunction
from sandbox.engine import CountingEngine
from sandbox.engines.saying import say_nothing
from sandbox.engines.table import AUTO, NAMES, check_choice, installed, make_engine
from sandbox.images.kept import REFERENCE, KeptImage, needed_image
from service.functions.openapi import read_apis
from service.functions.registry import Registry
from service.images import Images
from service.operator_errors import SettingsInvalid
from service.retention import Retention
from service.rights import lower_of
from service.runs.admission import Admission
from service.runs.order import Rules
from service.runs.recent import RecentRuns
from service.runs.record import Run
from service.service import Service
from service.settings import Settings
from service.store.database import Store, open_store
from service.store.usage import Usage
from service.tenants import Tenants
from service.webhooks import Receivers, Sender


def make_service(
    settings: Settings,
    functions: Iterable[HostFunction],
    *,
    store: Store | None = None,
    write_run: Callable[[Run], bytes] | None = None,
    say: Callable[[str], None] = say_nothing,
) -> Service:
    """Return a service, not yet opened.

    Args:
        store: is closed with the service; without one, nothing outlives it.
        write_run: gives a run as receivers are told of it; without it, none is.
        say: is told, a line at a time, what opening waits for: the first one on a machine compiles the guest.

    Raises:
        OpenApiNotLoadable: a document of the settings cannot be used.
        FunctionAlreadyRegistered, FunctionNameTaken: the functions cannot stand beside each other.
        MisuseError, EngineUnavailable: there is no such engine.
    """
    apis = read_apis(settings.openapi, say=say)
    engines, results = _engines(settings, say), _results(settings)
    images = Images(settings.images, _image_builder(say), say)
    sender = None if write_run is None else _sender(settings)
    rules = Rules(
        registry=Registry([*functions, *(one for api in apis for one in api.functions)]),
        limits=lower_of(settings.limits, settings.ceiling.as_dict()),
        ceiling=settings.ceiling,
        engine=settings.engine,
        engines=engines.choices,
        images=images,
        keeps_results=results is not None,
        allow_open_policy=settings.allow_open_policy,
        receivers=Receivers(()) if sender is None else sender.receivers,
    )
    return Service(
        engines=engines,
        rules=rules,
        log_values=settings.log_values,
        admission=Admission(max_running=settings.max_running, max_queued=settings.max_queued),
        recent=RecentRuns(
            kept_runs=settings.kept_runs, kept_seconds=settings.kept_seconds, kept_bytes=settings.kept_bytes
        ),
        store=store,
        retention=_retention(settings),
        tenants=Tenants(store, api_key=settings.api_key.get_secret_value() if settings.api_key else None),
        results=results,
        sender=sender,
        write_run=write_run,
        on_close=[api.close for api in apis],
    )


def registered(
    settings: Settings, functions: Iterable[HostFunction], *, say: Callable[[str], None] = say_nothing
) -> Registry:
    """Return the functions that a service of these settings has; raises as `make_service`."""
    apis = read_apis(settings.openapi, say=say)
    return Registry([*functions, *(one for api in apis for one in api.functions)])


def _retention(settings: Settings) -> Retention:
    return Retention(
        hold_seconds=settings.hold_seconds,
        seconds=settings.retention_seconds,
        runs=settings.retention_runs,
        most=Usage(kept_bytes=settings.max_kept_bytes, waiting_runs=settings.max_waiting_runs),
    )


def _engines(settings: Settings, say: Callable[[str], None]) -> Engines[CountingEngine]:
    names = settings.engines or installed()
    for name in (settings.engine, *names):
        check_choice(name)
    if settings.engine not in (*names, AUTO):
        message = f"ISTHMUS_ENGINE: ISTHMUS_ENGINES leaves out {settings.engine}"
        raise SettingsInvalid(message)
    return Engines(
        make_engine(name, workers=settings.workers, require_walls=settings.require_walls, say=say)
        # The one that runs everything first.
        for name in sorted(names, key=NAMES.index)
    )


def _image_builder(say: Callable[[str], None]) -> Callable[[Sequence[str]], KeptImage]:
    def build(asked: Sequence[str]) -> KeptImage:
        # Only where images are named: it loads what runs WebAssembly, in a process that does not run any.
        from sandbox.engines.cpython.artifact import guest_digest
        from sandbox.engines.cpython.image_builds import build_image

        if len(asked) == 1 and REFERENCE.fullmatch(asked[0]):
            return needed_image(asked[0], guest_digest())
        return build_image(asked, say=say)

    return build


def open_database(settings: Settings, *, alone: bool = False) -> Store:
    """Open the database of the settings, or make it.

    Args:
        alone: as a service does, of which an SQLite file can have one; see `open_store`.

    Raises:
        DatabaseNotUsable, DatabaseTooNew, DatabaseInUse: it cannot be used.
    """
    database = settings.database or str(platformdirs.user_state_path("isthmus") / "isthmus.db")
    return open_store(database, full_sync=settings.database_full_sync, alone=alone)


def _sender(settings: Settings) -> Sender | None:
    if settings.webhook_secret is None or not settings.webhook_hosts:
        return None
    return Sender(
        Receivers(settings.webhook_hosts),
        secret=settings.webhook_secret.get_secret_value(),
        pause_seconds=settings.webhook_pause_seconds,
    )


def _results(settings: Settings) -> CacheStore | None:
    if not settings.cache_bytes:
        return None
    return make_store(Path(settings.cache_file) if settings.cache_file else None, max_bytes=settings.cache_bytes)
