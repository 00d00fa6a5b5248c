"""Serves the application with uvicorn on uvloop and httptools: one process, one loop, the engine's loop too."""

import asyncio
import gc
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog
import uvicorn
import uvloop
from pydantic_core import to_json

from api.app import create_app
from api.request_heads import bounded_heads
from sandbox.threads import DaemonExecutor
from service.operator_errors import SettingsInvalid
from service.service import Service
from service.settings import Settings

BACKLOG = 2048
_OBJECTS_BETWEEN_COLLECTIONS = 10_000
# Beyond the time for running programs: for answers to leave.
_GRACE_SECONDS = 2.0
_ENDINGS = (signal.SIGTERM, signal.SIGINT)


class NotLoopback(SettingsInvalid):
    """A service that asks for no key would be reachable from other machines."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"--host {host} can be reached from other machines: make a key with `isthmus keys create`, or set "
            "ISTHMUS_API_KEY to one, or leave --host out to listen on 127.0.0.1"
        )


class AddressUnavailable(SettingsInvalid):
    """Nothing can listen there."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host} port {port}: {reason}; choose another with --host and --port")


def serve(service: Service, settings: Settings, *, host: str, port: int, version: str) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        NotLoopback, AddressUnavailable: it cannot listen there.
        EngineUnavailable: programs cannot be run here.
    """
    if not is_loopback(host) and not service.asks_for_keys():
        raise NotLoopback(host)
    _configure_logs()
    with _listen(host, port) as listening, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(service, settings, listening, version))


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens there."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _serve(service: Service, settings: Settings, listening: socket.socket, version: str) -> None:
    if not await _opened(service):
        return
    _settle_memory()
    config = uvicorn.Config(
        create_app(service, settings, version=version),
        http=bounded_heads(settings.body_seconds),
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=int(settings.drain_seconds + _GRACE_SECONDS),
    )
    server = _Server(config, service, settings.drain_seconds, lambda: _announce(service, listening))
    for ending in _ENDINGS:
        # Uvicorn catches these while it serves. One that comes before must not be lost, and those that it raises again
        # afterwards find nothing left to end.
        signal.signal(ending, server.handle_exit)
    try:
        await server.serve([listening])
    finally:
        await service.close()


def _settle_memory() -> None:
    """Take what was imported and made so far out of garbage collection, which would walk it again and again."""
    gc.collect()
    gc.freeze()
    # A run makes thousands of objects and hardly a cycle.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)


async def _opened(service: Service) -> bool:
    """Open the service; False when a signal ended it meanwhile (the first start compiles the guest for seconds)."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    # Its threads do not hold up the exit: compiling the guest cannot be interrupted.
    loop.set_default_executor(DaemonExecutor())
    for ending in _ENDINGS:
        loop.add_signal_handler(ending, task.cancel if task else loop.stop)
    try:
        await service.open()
    except asyncio.CancelledError:
        await service.close()
        return False
    finally:
        for ending in _ENDINGS:
            loop.remove_signal_handler(ending)
    return True


class _Server(uvicorn.Server):
    """Says when it is ready, and ends running programs when a shutdown has waited long enough for them."""

    def __init__(
        self, config: uvicorn.Config, service: Service, drain_seconds: float, announce: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._service = service
        self._drain_seconds = drain_seconds
        self._announce = announce
        self._loop = asyncio.get_running_loop()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._announce()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; asked again, end what is running now, and still answer its callers."""
        if self.should_exit:
            self._loop.call_soon_threadsafe(self._service.stop)
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        drained = asyncio.get_running_loop().call_later(self._drain_seconds, self._service.stop)
        try:
            await super().shutdown(sockets)
        finally:
            drained.cancel()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except (OSError, OverflowError) as error:
        raise AddressUnavailable(host, port, getattr(error, "strerror", None) or str(error)) from None
    return listening


def _announce(service: Service, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    names = ", ".join(function.name for function in service.whitelist_of_all().functions()) or "none"
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    sys.stdout.write(f"Isthmus listens on http://{address} (functions: {names})\n")
    sys.stdout.flush()


def _configure_logs() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # Its warnings are about what strangers send, and anybody could fill a disk with them.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(_json_line),
        ],
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _json_line(event: Any, **_: Any) -> bytes:
    """Return what is logged, with whatever a caller put into a name escaped, for terminals too."""
    return to_json(event, ensure_ascii=True, fallback=repr)
