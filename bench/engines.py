"""The engines side by side over HTTP: `monty` against the plainest service around pydantic-monty, and `cpython`."""

from collections.abc import Iterator
from operator import truediv
from typing import Any

from bench import load, samples, service
from bench.load import Request
from bench.table import Row

REQUESTS, CONNECTIONS, ROUNDS, SECONDS = 1_000, 8, 10, 1.0
_WARM_UP = 100
_SHARE, _MORE_MS = 0.75, 0.4
_DOUBLED = {"source": "x * 2", "inputs": {"x": 21}}
_CALLED = {"source": "nothing(x) * 2", "inputs": {"x": 21}}
# Thirty lines with five calls, as a model writes them, that both engines run.
THIRTY_LINES = """\
orders = [
    {"id": 1, "customer": "ada", "quantity": 2, "price": 12},
    {"id": 2, "customer": "bob", "quantity": 10, "price": 8},
    {"id": 3, "customer": "ada", "quantity": 1, "price": 64},
    {"id": 4, "customer": "cy", "quantity": 3, "price": 8},
]


def total_of(order):
    return order["quantity"] * order["price"]


totals = {}
for order in orders:
    name = order["customer"]
    totals[name] = totals.get(name, 0) + nothing(total_of(order))

largest = ""
for name, total in totals.items():
    if not largest or total > totals[largest]:
        largest = name

report = []
for name in sorted(totals):
    share = round(100 * totals[name] / nothing(192))
    mark = "*" if name == largest else " "
    if share:
        report.append(f"{mark} {name:<5} {totals[name]:>5} {share:>3} %")
    else:
        continue
print(len(report))
"\\n".join(report)
"""


def rows(port: int) -> Iterator[Row]:
    """Measure against a service that runs on a port."""
    with service.running("bench.peers.monty_app") as plain_port:
        for what, body in (("x*2", _DOUBLED), ("one call", _CALLED)):
            ours = _request("/orchestrate", {**body, "engine": "monty", "functions": ["nothing"]})
            plain = Request.post("/run", body, expected='"output":42')
            yield from _latency(what, port, ours, plain_port, plain)
            yield _throughput(what, port, ours, plain_port, plain)
    yield _both(port)


def _request(path: str, body: dict[str, Any]) -> Request:
    return Request.post(path, body, expected='"output":42,')


def _latency(what: str, port: int, ours: Request, plain_port: int, plain: Request) -> Iterator[Row]:
    connection, other = load.Connection(port), load.Connection(plain_port)
    variants = {"ours": lambda: connection.ask(ours), "plain": lambda: other.ask(plain)}
    taken = samples.interleave(variants, rounds=REQUESTS, warm_up=_WARM_UP)
    connection.close()
    other.close()
    more = samples.median(taken["ours"]) - samples.median(taken["plain"])
    yield Row(
        what=f"POST /orchestrate of {what} on monty, p50",
        figure=f"{samples.median(taken['ours']):.2f} ms",
        against=f"{samples.median(taken['plain']):.2f} ms plain FastAPI around pydantic-monty",
        ratio=f"{more:.2f} ms more",
        aim=f"at most {_MORE_MS} ms more",
        met=more <= _MORE_MS,
        noise=samples.noise(taken["ours"]),
    )


def _throughput(what: str, port: int, ours: Request, plain_port: int, plain: Request) -> Row:
    with (
        load.asking(ours, port=port, connections=CONNECTIONS, seconds=SECONDS) as asking,
        load.asking(plain, port=plain_port, connections=CONNECTIONS, seconds=SECONDS) as plainly,
    ):
        taken = samples.interleave({"ours": asking, "plain": plainly}, rounds=ROUNDS)
    ratios = list(map(truediv, taken["ours"], taken["plain"]))
    return Row(
        what=f"throughput of {what} on monty, {CONNECTIONS} connections",
        figure=f"{samples.median(taken['ours']):.0f}/s",
        against=f"{samples.median(taken['plain']):.0f}/s plain",
        ratio=f"{samples.median(ratios):.2f}",
        aim=f"at least {_SHARE}",
        met=samples.median(ratios) >= _SHARE,
        noise=samples.spread(ratios),
    )


def _both(port: int) -> Row:
    connection = load.Connection(port)
    body = {"source": THIRTY_LINES, "functions": ["nothing"]}
    requests = {
        engine: Request.post("/orchestrate", {**body, "engine": engine}, expected='"status":"completed"')
        for engine in ("cpython", "monty")
    }
    variants = {engine: lambda request=request: connection.ask(request) for engine, request in requests.items()}
    taken = samples.interleave(variants, rounds=REQUESTS // 2, warm_up=_WARM_UP)
    connection.close()
    ratios = list(map(truediv, taken["monty"], taken["cpython"]))
    return Row(
        what="30 lines with five calls on monty, p50",
        figure=f"{samples.median(taken['monty']):.2f} ms",
        against=f"{samples.median(taken['cpython']):.2f} ms on cpython",
        ratio=f"{samples.median(ratios):.2f}",
        noise=samples.spread(ratios),
    )
