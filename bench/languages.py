"""Computing, side by side: our guest with and without the policy, this interpreter, and peers that can be installed."""

import time
from collections.abc import Iterator
from typing import Any

from bench import samples
from bench.isolates import Unattended, in_own_process, ready_runtime
from bench.peers.environments import NotThere, measure, version_of
from bench.peers.programs import PROGRAMS
from bench.table import Row
from sandbox.engines.cpython.isolate import Isolate, Runtime
from sandbox.engines.workers import messages
from sandbox.limits import Limits
from sandbox.turns import Program

ROUNDS = 5
_AIM = 1.3
_LIMITS = Limits(memory_bytes=512 * 2**20)
_NOW = 1_700_000_000 * 10**9


def rows() -> Iterator[Row]:
    """Measure the programs everywhere; ratios are of the guarded guest against each of the others."""
    taken = in_own_process(_here)
    for name in PROGRAMS:
        ours = samples.median(taken["guarded"][name])
        ratios = [guarded / plain for guarded, plain in zip(taken["guarded"][name], taken["plain"][name], strict=True)]
        plain, native = (samples.median(taken[where][name]) for where in ("plain", "native"))
        ratio = samples.median(ratios)
        yield _row(
            name, ours, "no policy", plain, aim=f"at most {_AIM}", met=ratio <= _AIM, noise=samples.spread(ratios)
        )
        yield _row(name, ours, "native CPython", native)
    for peer in ("monty", "wasi"):
        yield from _against(peer, taken["guarded"])


def _against(peer: str, guarded: dict[str, list[float]]) -> Iterator[Row]:
    try:
        measured = measure(peer, rounds=ROUNDS)
    except NotThere as missing:
        yield Row(what=version_of(peer), figure="skipped", against=str(missing))
        return
    for name, taken in measured.items():
        if isinstance(taken, str):
            yield Row(what=f"{name}, {version_of(peer)}", figure="does not run it", against=taken)
        elif name in guarded:
            yield _row(name, samples.median(guarded[name]), version_of(peer), samples.median(taken))
        else:
            yield Row(what=f"1,000 {name}, {version_of(peer)}", figure=f"{samples.median(taken) / 1000:.3f} s")


def _row(name: str, ours: float, whose: str, theirs: float, **verdict: Any) -> Row:
    return Row(
        what=f"{name}, against {whose}",
        figure=f"{ours:.1f} ms",
        against=f"{theirs:.1f} ms",
        ratio=f"{ours / theirs:.2f}",
        **verdict,
    )


def _here() -> dict[str, dict[str, list[float]]]:
    guest = ready_runtime()
    taken: dict[str, dict[str, list[float]]] = {"guarded": {}, "plain": {}, "native": {}}
    for name, source in PROGRAMS.items():
        variants = {
            "guarded": lambda source=source: _in_guest(guest, source, guarded=True),
            "plain": lambda source=source: _in_guest(guest, source, guarded=False),
            "native": lambda source=source: _native(source),
        }
        for where, values in samples.interleave(variants, rounds=ROUNDS, warm_up=1).items():
            taken[where][name] = values
    return taken


def _in_guest(guest: Runtime, source: str, *, guarded: bool) -> float:
    request = messages.request(Program(source=source, guarded=guarded), {}, seed=7, now=_NOW, limits=_LIMITS)
    isolate, host = Isolate(guest), Unattended()
    isolate.prepare(host)
    begin = time.perf_counter()
    answer = isolate.run(request, host, fuel=_LIMITS.fuel, memory_bytes=_LIMITS.memory_bytes)
    taken = (time.perf_counter() - begin) * 1000
    isolate.close()
    final = messages.read_final(answer, _LIMITS)
    assert final.error is None, final.error  # noqa: S101 - what is measured has to be what is meant
    return taken


def _native(source: str) -> float:
    begin = time.perf_counter()
    exec(compile(source, "<program>", "exec"), {})  # noqa: S102 - our own programs, for comparison
    return (time.perf_counter() - begin) * 1000
