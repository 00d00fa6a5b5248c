"""What the README shows of the last result: the rows by which a reader decides, and how many aims were met.

It is taken from the text of `bench/results.md`, so that the two pages cannot disagree.
"""

import re
from collections import Counter

# How a row of the result begins -> what the README calls it, in the README's order.
_CHOSEN = {
    "fresh isolate for x*2, processor time": "`x * 2` in a fresh isolate, from start to end, processor time",
    "x*2 in an isolate made ahead, latency": "... in an isolate made ahead, latency",
    "POST /orchestrate of x*2, p50": "`x * 2` over HTTP, p50",
    "POST /orchestrate of x*2 on monty, p50": "... on the engine `monty`",
    "throughput, 8 connections": "`x * 2` over HTTP, 8 connections",
    "throughput of x*2 on monty": "... on the engine `monty`",
    "one call of a sync function, service": "one call of a sync function",
    "one call of an async function, service": "one call of an async function",
    "durable run with three calls": "a durable run with three calls",
    "answered by replay of 20 calls, p50": "resuming a run by replay of 20 calls, p50",
    "a run that waits, in the database": "a suspended run, on disk",
    "waiting isolate, private memory": "a run that waits for a function, memory",
    "x*2 beside endless loops, two more than cores, p99": "`x * 2` beside more endless loops than cores, p99",
    "JSON transformation, against native CPython": "a JSON transformation, against native CPython",
    "JSON transformation, against pydantic-monty": "... against pydantic-monty",
}
_HEAD = ("what", "measured", "compared with", "ratio", "aim", "")
_BEGIN, _END = "<!-- bench -->", "<!-- /bench -->"
_VERDICTS = ("met", "missed", "not settled")


def shown_in(readme: str, results: str) -> str:
    """Return the README with the summary of a page of results between its two marks.

    Raises:
        LookupError: the results lack a row that the README shows, or have several that begin as it does.
    """
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{_summary(results)}\n{_END}{after}"


def _summary(results: str) -> str:
    rows = [re.split(r"(?<!\\) \| ", line[2:-2]) for line in results.splitlines() if line.startswith("| ")][2:]
    machine = "; ".join(line[2:] for line in results.partition("\n| ")[0].splitlines() if line.startswith("- "))
    aims = Counter(row[-1] for row in rows)
    shown = [_HEAD, ("---",) * len(_HEAD), *((name, *_row(rows, begin)[1:]) for begin, name in _CHOSEN.items())]
    table = "\n".join("| " + " | ".join(cells) + " |" for cells in shown)
    told = ", ".join(f"{aims[verdict]} {verdict}" for verdict in _VERDICTS)
    return f"{machine}.\nOf all {sum(aims[verdict] for verdict in _VERDICTS)} aims: {told}.\n\n{table}"


def _row(rows: list[list[str]], begin: str) -> list[str]:
    found = [row for row in rows if row[0].startswith(begin)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} rows of the results begin with {begin!r}, and the README shows one")
    return found[0]
