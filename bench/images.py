"""What a guest image costs: isolates of one with three packages against those of the guest that ships; its build."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from operator import truediv
from pathlib import Path

from bench import isolates, samples
from bench.table import Row
from sandbox.engines.cpython.artifact import compiled_guest
from sandbox.engines.cpython.image_builds import build_image
from sandbox.engines.cpython.isolate import Isolate, Runtime
from sandbox.engines.workers import messages
from sandbox.images.kept import KeptImage
from sandbox.limits import Limits
from sandbox.turns import Program

PACKAGES = ("python-dateutil", "more-itertools", "attrs")
ROUNDS, _WARM_UP = 150, 15
RATIO = 1.2
_LIMITS = Limits()
_NOW = 1_700_000_000 * 10**9
_ATTRIBUTES = """
class Row:
    def __init__(self, n):
        self.amount = n
rows = [Row(n) for n in range(2000)]
def work():
    total = 0
    for row in rows:
        row.amount += 1
        total += row.amount * row.amount
    return total
for _ in range(8): work()
"""
_IMPORTING = f"import more_itertools\n{_ATTRIBUTES}"


def rows() -> Iterator[Row]:
    """Build the image if need be, and measure."""
    image = build_image(PACKAGES, say=print)
    taken = isolates.in_own_process(_measure)
    middle = {name: samples.median(values) for name, values in taken.items()}
    ratio = samples.median(list(map(truediv, taken["x*2, image"], taken["x*2"])))
    yield Row(
        what=f"fresh isolate of an image with {', '.join(PACKAGES)}, x*2",
        figure=f"{middle['x*2, image']:.2f} ms",
        against=f"{middle['x*2']:.2f} ms",
        ratio=f"{ratio:.2f}",
        aim=f"at most {RATIO}",
        met=ratio <= RATIO,
        noise=samples.noise(taken["x*2"]),
    )
    yield Row(
        what="... a program that imports a package, reading attributes",
        figure=f"{middle['importing, image']:.1f} ms",
        against=f"{middle['attributes, image']:.1f} ms without import",
        ratio=f"{middle['importing, image'] / middle['attributes, image']:.2f}",
    )
    yield Row(what="... its component, compiled", figure=_sizes(image), against=_sizes(None))
    yield Row(what="... its build, compiling included", figure=f"{image.build_seconds:.0f} s")


def _sizes(image: KeptImage | None) -> str:
    guest = compiled_guest() if image is None else compiled_guest(guest=image.guest())
    return f"{guest.stat().st_size / 1e6:.1f} MB"


def _measure() -> dict[str, list[float]]:
    image = build_image(PACKAGES)
    with tempfile.TemporaryDirectory() as folder:
        # Both just written: how a file came into the page cache decides more than what is in it.
        copies = [Path(folder, name) for name in ("shipped", "image")]
        for copy, path in zip(copies, (compiled_guest(), compiled_guest(guest=image.guest())), strict=True):
            shutil.copyfile(path, copy)
        shipped, with_packages = (isolates.ready_runtime(copy) for copy in copies)
    pairs: list[dict[str, tuple[Runtime, str]]] = [
        {"x*2": (shipped, "x * 2"), "x*2, image": (with_packages, "x * 2")},
        {"attributes, image": (with_packages, _ATTRIBUTES), "importing, image": (with_packages, _IMPORTING)},
    ]
    taken: dict[str, list[float]] = {}
    for pair in pairs:
        for number in range(ROUNDS + _WARM_UP):
            # Either goes first as often: what ran before leaves its traces in the processor's caches.
            for name, (runtime, source) in [*pair.items()][:: 1 if number % 2 else -1]:
                milliseconds = _sample(runtime, source)
                if number >= _WARM_UP:
                    taken.setdefault(name, []).append(milliseconds)
    return taken


def _sample(runtime: Runtime, source: str) -> float:
    """Return the processor time of an isolate's whole life, in milliseconds."""
    request = messages.request(Program(source=source), {"x": 21}, seed=7, now=_NOW, limits=_LIMITS)
    begin = time.thread_time()
    isolate, host = Isolate(runtime), isolates.Unattended()
    isolate.prepare(host)
    answer = isolate.run(request, host, fuel=_LIMITS.fuel, memory_bytes=_LIMITS.memory_bytes)
    isolate.close()
    spent = time.thread_time() - begin
    if messages.read_final(answer, _LIMITS).error is not None:
        raise AssertionError(answer)
    return spent * 1000
