"""One wasmtime store: a fresh interpreter with its fuel, its deadline and its memory cap.

This is the only module that uses wasmtime's private bindings (at its end), which is why wasmtime is pinned.
Host functions must never raise an ordinary exception into wasmtime-py: it keeps one in a variable of the whole
process and raises it in whichever thread leaves a guest next. They raise `WasmtimeError`, and say why in `Host.stop`.
"""

import ctypes
import platform
import threading
from pathlib import Path
from typing import Any, Protocol

import wasmtime
import wasmtime.component as component
from wasmtime import _bindings
from wasmtime import _ffi as ffi

from sandbox.engines.cpython import wasi

# More than the program can ever use; preparing an isolate is not charged to the program.
PREPARE_FUEL = 2**62
MAX_WASM_STACK_BYTES = 2 * 2**20
# A native stack must hold the guest's and the host's own frames.
THREAD_STACK_BYTES = 8 * 2**20


class Host(wasi.Host, Protocol):
    """What one execution offers to its isolate."""

    stop: str | None

    def must_stop(self) -> bool:
        """Say, a hundred times a second while the guest computes, whether it has to stop now."""


class Stopped(Exception):
    """The isolate is dead. `reason` is a limit's name, `cancelled`, `stack`, or `aborted`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Current(threading.local):
    host: Host | None = None


_CURRENT = _Current()


def _current() -> Any:
    if _CURRENT.host is None:
        raise wasmtime.WasmtimeError("no execution on this thread")
    return _CURRENT.host


# What compiled code depends on; `artifact` names compiled files after it.
SETTINGS = {
    # Code for any processor of this kind, so that an image runs on another machine than the one that built it. It
    # was as quick as code for the very processor that it was measured on.
    "target": f"{platform.machine()}-unknown-linux-gnu",
    "consume_fuel": True,
    "epoch_interruption": True,
    "cranelift_nan_canonicalization": True,
    "max_wasm_stack": MAX_WASM_STACK_BYTES,
}


def engine_config() -> wasmtime.Config:
    """Return the settings under which the guest is compiled, and without which it is not loaded."""
    config = wasmtime.Config()
    for name, value in SETTINGS.items():
        setattr(config, name, value)
    return config


class Runtime:
    """The compiled guest, ready to be instantiated; one per process."""

    def __init__(self, compiled: Path) -> None:
        self.engine = wasmtime.Engine(engine_config())
        self.guest = component.Component.deserialize_file(self.engine, str(compiled))
        names = [name for name in self.guest.type.imports(self.engine)]  # noqa: C416 - it is no list
        self.linker = component.Linker(self.engine)
        wasi.define_imports(self.linker, self.guest, names, _current, _add_end_turn)

    def tick(self) -> None:
        """Make every running guest ask `Host.must_stop`."""
        self.engine.increment_epoch()


class Isolate:
    """A fresh interpreter for one program."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = wasmtime.Store(runtime.engine)
        self._fuel = 0
        self._store.set_fuel(PREPARE_FUEL)
        self._store.set_epoch_deadline(1)
        ffi.wasmtime_store_epoch_deadline_callback(self._store.ptr(), _stop_or_go_on, None, _NO_FINALIZER)
        instance = runtime.linker.instantiate(self._store, runtime.guest)
        self._prepare = instance.get_func(self._store, "prepare")
        self._run = instance.get_func(self._store, "run")

    def prepare(self, host: Host) -> int:
        """Let the driver touch what every program needs; return the size of the guest's memory in bytes."""
        return int(self._enter(self._prepare, host))

    def run(self, request: str, host: Host, *, fuel: int, memory_bytes: int) -> str:
        """Run the program of a request; return the driver's last message.

        Raises:
            Stopped: a limit was reached, the execution was cancelled, or the guest died.
        """
        # wasmtime looks at the fuel at calls and loops only, so a program can end a little beyond its limit unseen. The
        # one unit on top tells a program that used all of it from one that wanted more.
        self._fuel = fuel
        self._store.set_fuel(fuel + 1)
        self._store.set_limits(memory_size=memory_bytes)
        last_message = str(self._enter(self._run, host, request))
        if not self._store.get_fuel():
            raise Stopped("fuel")
        return last_message

    def fuel_used(self) -> int:
        """Return the fuel that the program has used."""
        return min(self._fuel, self._fuel + 1 - self._store.get_fuel())

    def close(self) -> None:
        """Give the memory back."""
        self._store.close()

    def _enter(self, function: Any, host: Host, *arguments: str) -> Any:
        _CURRENT.host = host
        try:
            return function(self._store, *arguments)
        except wasmtime.WasmtimeError as error:
            raise Stopped(host.stop or _reason(str(error))) from None
        finally:
            _CURRENT.host = None


def _reason(message: str) -> str:
    if "all fuel consumed" in message:
        return "fuel"
    if "call stack exhausted" in message:
        return "stack"
    # The guest's C library aborts where it gets a part of the memory that it asks for and cannot give that back.
    return "memory_bytes" if "!sbrk\n" in message else "aborted"


def _deadline_reached(_context: Any, _data: Any, delta: Any, _kind: Any) -> int:
    host = _CURRENT.host
    if host is not None and host.must_stop():
        return _consumed(wasmtime.WasmtimeError("stopped"))
    delta.contents.value = 1
    return 0


def _end_turn(_data: Any, _context: Any, _type: Any, arguments: Any, _count: Any, results: Any, _results: Any) -> int:
    try:
        progress = arguments[0].of.string
        reply = _current().end_turn(ctypes.string_at(progress.data, progress.size).decode())
        written = reply.encode()
        result = results[0]
        result.kind = ffi.WASMTIME_COMPONENT_STRING
        text = result.of.string
        ffi.wasm_byte_vec_new_uninitialized(text, len(written))
        ctypes.memmove(text.data, written, len(written))
    except wasmtime.WasmtimeError as error:
        return _consumed(error)
    except Exception as error:  # noqa: BLE001 - see the module's docstring
        return _consumed(wasmtime.WasmtimeError(type(error).__name__))
    return 0


def _consumed(error: wasmtime.WasmtimeError) -> int:
    return ctypes.cast(error._consume(), ctypes.c_void_p).value or 0  # noqa: SLF001


def _add_end_turn(root: component.LinkerInstance) -> None:
    """Add the import that ends a turn.

    The public way asks for the types of the function anew at each call, which takes half as long as all the rest of it.
    """
    name = b"end-turn"
    buffer = ctypes.create_string_buffer(name)
    error: Any = ffi.wasmtime_component_linker_instance_add_func(
        root.ptr(), buffer, len(name), _end_turn_of_guest, None, _NO_FINALIZER
    )
    if error:
        raise wasmtime.WasmtimeError._from_ptr(error)  # noqa: SLF001


_end_turn_of_guest = ffi.wasmtime_component_func_callback_t(_end_turn)

# Only this callback can stop one store and leave the others alone.
_stop_or_go_on = _bindings._wasmtime_store_epoch_deadline_callback.argtypes[1](_deadline_reached)  # noqa: SLF001
_NO_FINALIZER = _bindings._wasmtime_store_epoch_deadline_callback.argtypes[3](0)  # noqa: SLF001
