"""What the policy costs while a program runs: guarded against plain code, in fresh isolates, by processor time."""

import time
from collections.abc import Iterator

from bench import isolates, samples
from bench.table import Row
from sandbox.engines.cpython.isolate import Isolate, Runtime
from sandbox.engines.workers import messages
from sandbox.limits import Limits
from sandbox.turns import Program

ROUNDS, _WARM_UP = 15, 2
RATIO = 1.3
_LIMITS = Limits()
_NOW = 1_700_000_000 * 10**9

_ROWS_OF_DICTIONARIES = """
rows = [{"id": n, "name": f"n{n}", "amount": n * 1.5, "tags": ["a", "b"]} for n in range(2000)]
def work():
    total = 0.0
    names = []
    for row in rows:
        if row["amount"] > 10 and "a" in row["tags"]:
            total += row["amount"] * 2
            names.append(row["name"].upper())
        row["seen"] = row.get("seen", 0) + 1
    return total, len(names)
for _ in range(8): work()
"""

_ATTRIBUTES = """
class Row:
    def __init__(self, n):
        self.n = n
        self.amount = n * 1.5
        self.name = f"n{n}"
        self.seen = 0
rows = [Row(n) for n in range(2000)]
def work():
    total = 0.0
    for row in rows:
        if row.amount > 10:
            total += row.amount * 2 + row.n
        row.seen += 1
    return total
for _ in range(15): work()
"""

_PRIVATE_ATTRIBUTES = """
class Account:
    def __init__(self, n):
        self._n = n
        self._balance = n * 1.5
        self._log = []
    def deposit(self, amount):
        self._balance += amount
        self._log.append(amount)
        return self._balance
    @property
    def balance(self):
        return self._balance
    def fee(self):
        return self._balance * 0.01 if self._n % 2 else 0
accounts = [Account(n) for n in range(1000)]
def work():
    total = 0
    for a in accounts:
        a.deposit(5)
        total += a.balance + a.fee()
    return total
for _ in range(8): work()
"""

_FORMATTING = """
rows = [{"id": n, "name": f"n{n}", "amount": n * 1.5} for n in range(1000)]
TEMPLATE = "{id:>5} {name:<10} {amount:10.2f}"
def work():
    out = []
    for row in rows:
        out.append("{}: {}".format(row["id"], row["name"]))
        out.append(TEMPLATE.format(**row))
        out.append(f"{row['id']}-{row['amount']:.1f}")
        out.append("%s %d" % (row["name"], row["id"]))
    return len(",".join(out))
for _ in range(6): work()
"""

_WORKLOADS = {
    "rows of dictionaries": _ROWS_OF_DICTIONARIES,
    "attributes": _ATTRIBUTES,
    "attributes with an underscore": _PRIVATE_ATTRIBUTES,
    "formatting of text": _FORMATTING,
}


def rows() -> Iterator[Row]:
    """Return the ratio of each workload."""
    for name, (guarded, plain) in isolates.in_own_process(cost).items():
        ratios = [one / other for one, other in zip(guarded, plain, strict=True)]
        ratio = samples.median(ratios)
        yield Row(
            what=f"guarded code, {name}",
            figure=f"{samples.median(guarded):.1f} ms",
            against=f"{samples.median(plain):.1f} ms plain",
            ratio=f"{ratio:.2f}",
            aim=f"at most {RATIO}",
            met=ratio <= RATIO,
            noise=samples.spread(ratios),
        )


def cost() -> dict[str, tuple[list[float], list[float]]]:
    """Return, by workload, processor time in milliseconds with and without the policy, taken in turn."""
    runtime = isolates.ready_runtime()
    taken: dict[str, tuple[list[float], list[float]]] = {}
    for name, source in _WORKLOADS.items():
        pairs = [(_cpu(runtime, source, guarded=True), _cpu(runtime, source, guarded=False)) for _ in range(ROUNDS)]
        taken[name] = [one for one, _ in pairs[_WARM_UP:]], [other for _, other in pairs[_WARM_UP:]]
    return taken


def _cpu(runtime: Runtime, source: str, *, guarded: bool) -> float:
    program = Program(source=source, guarded=guarded)
    request = messages.request(program, {}, seed=7, now=_NOW, limits=_LIMITS)
    isolate, host = Isolate(runtime), isolates.Unattended()
    isolate.prepare(host)
    begin = time.thread_time()
    answer = isolate.run(request, host, fuel=_LIMITS.fuel, memory_bytes=_LIMITS.memory_bytes)
    spent = time.thread_time() - begin
    isolate.close()
    if messages.read_final(answer, _LIMITS).error is not None:
        raise AssertionError(answer)
    return spent * 1000
