"""Typical programs, run while the guest is built: nothing of them stays but the interpreter's own caches."""

import json

from sandbox import values
from sandbox.engines.cpython.guest import codes, driver, transformer
from sandbox.engines.cpython.guest.turns import TURNS

_TYPICAL = """
import asyncio, json, re, math, datetime, collections
from dataclasses import dataclass

@dataclass
class Row:
    name: str
    amount: float = 0.0

async def main():
    first, second = await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2))
    return first + second

rows = [Row(f"row {n}", n * 1.5) for n in range(5)]
try:
    raise ValueError("no")
except ValueError as error:
    print(f"{error}: {sum(row.amount for row in rows):.2f}")
total = asyncio.run(main())
{"names": [row.name for row in rows if row.amount > 1], "total": total, "text": json.dumps([1, 2])}
"""
_CALLING = """
found = f(1, key="k")
also = g("t", x)
[found["name"], also, [f(row) for row in rows]]
"""
_GATHERING = """
import asyncio
results = await asyncio.gather(*(g(n) for n in range(3)))
await asyncio.sleep(0.1)
results
"""


def warm_up() -> None:
    """Run them all."""
    driver.connect(_answer_all, lambda _text: None, lambda _code, _line: None, lambda: 0)
    inputs = {"x": 21, "rows": [{"name": "a", "amount": 1.5}], "text": "t"}
    head = {"inputs": [*inputs], "functions": [["f", False, False], ["g", True, False]], "seed": 0, "now": 0,
            "env_vars": {}, "value_bytes": 10_000_000, "calls": 1_000, "guarded": True, "stack_depth": 256,
            "compiled": None, "compile_only": False, "keep": False}  # fmt: skip
    for source in ("x * 2", _TYPICAL, _CALLING, _GATHERING, "1 / 0", "def f(:"):
        driver.run("\n".join([json.dumps({**head, "source": source}), *map(values.encode, inputs.values())]))
    compiled = codes.to_text(transformer.compile_program(_TYPICAL))
    driver.run(
        "\n".join(
            [json.dumps({**head, "source": _TYPICAL, "compiled": compiled}), *map(values.encode, inputs.values())]
        )
    )
    driver.prepare()


def _answer_all(progress: str) -> str:
    """Answer every call that is waited for with a small value."""
    head = json.loads(progress.split("\n")[0])
    now = head["wake_at"] or TURNS.now
    outcomes = json.dumps({"now": now, "outcomes": [[number, None] for number in head["waiting"]]})
    return "\n".join([outcomes, *('{"id":1,"name":"a"}' for _ in head["waiting"])])
