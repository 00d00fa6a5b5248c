"""Submissions that the OpenAPI document shows; each runs when it is pasted, whatever functions are registered."""

from typing import Any

_REPORT = """\
import statistics
from dataclasses import dataclass

@dataclass
class Row:
    name: str
    amount: float

rows = [Row(**row) for row in table]
for row in sorted(rows, key=lambda row: -row.amount):
    print(f"{row.name:<8}{row.amount:>8.2f}")
{"mean": statistics.fmean(row.amount for row in rows), "largest": max(rows, key=lambda row: row.amount).name}
"""
_PARALLEL = """\
import asyncio

async def square(number):
    await asyncio.sleep(0.01)
    return number * number

await asyncio.gather(*(square(number) for number in range(count)))
"""

_MISTAKES = """\
total = sum(prices)
shiping = 4.9
f"{total + shipping:.2f}"
"""

SUBMISSIONS: dict[str, dict[str, Any]] = {
    "expression": {"summary": "An expression", "value": {"source": "x * 2", "inputs": {"x": 21}}},
    "report": {
        "summary": "A dataclass, printed text, a typed input and a dictionary",
        "value": {
            "source": _REPORT,
            "inputs": {"table": [{"name": "tea", "amount": 8.9}, {"name": "mug", "amount": 12.5}]},
            "input_types": {"table": "list[dict[str, Any]]"},
            "output": "dict[str, Any]",
        },
    },
    "parallel": {
        "summary": "asyncio, with a limit and a fixed seed",
        "value": {"source": _PARALLEL, "inputs": {"count": 5}, "limits": {"wall_seconds": 10}, "seed": 7},
    },
    "cached": {
        "summary": "An output that is kept for an hour: sent again, it is answered without a run",
        "value": {
            "source": "sum(n * n for n in range(count))",
            "inputs": {"count": 100_000, "asked_by": "ada"},
            "cache": {"behavior": "auto", "ignored_inputs": ["asked_by"], "max_age_seconds": 3600},
        },
    },
    "client_function": {
        "summary": "A function that you answer: the run suspends, and goes on with POST /runs/{id}/resume",
        "value": {
            "source": 'name = await ask("Who is it?")\nf"Hello {name}"',
            "client_functions": [
                {
                    "name": "ask",
                    "description": "Ask the user.",
                    "parameters": {
                        "type": "object",
                        "properties": {"question": {"type": "string"}},
                        "required": ["question"],
                    },
                    "returns": {"type": "string"},
                }
            ],
        },
    },
    "failure": {
        "summary": "A program that fails: the answer is 200, status failed",
        "value": {"source": "total = sum(prices)\ntotal / count", "inputs": {"prices": [1.5, 2.5], "count": 0}},
    },
}

CHECKS: dict[str, dict[str, Any]] = {
    "sound": {
        "summary": "Nothing to say; a typed input needs no value",
        "value": {"source": "x * 2", "input_types": {"x": "int"}, "output": "int"},
    },
    "mistakes": {
        "summary": "A misspelt name, a value of another type than declared, and an input that is not used",
        "value": {
            "source": _MISTAKES,
            "input_types": {"prices": "list[float]", "country": "str"},
            "output": "float",
        },
    },
}

TEMPLATES: dict[str, dict[str, Any]] = {
    "typed": {
        "summary": "Typed inputs, and a limit of its own",
        "value": {
            "source": "x * factor",
            "input_types": {"x": "int", "factor": "int"},
            "output": "int",
            "limits": {"wall_seconds": 10},
        },
    },
}

TEMPLATE_RUNS: dict[str, dict[str, Any]] = {
    "inputs": {"summary": "Inputs alone", "value": {"inputs": {"x": 21, "factor": 2}}},
    "overrides": {
        "summary": "A seed, and another limit",
        "value": {"inputs": {"x": 21, "factor": 2}, "seed": 7, "limits": {"wall_seconds": 5}},
    },
}

_ANSWER = {"call_id": "call_1", "output": "Ada"}
_DIGEST = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
RESUMES: dict[str, dict[str, Any]] = {
    "value": {"summary": "The value of a call", "value": {"results": [_ANSWER]}},
    "error": {
        "summary": "A failure, raised in the program",
        "value": {"results": [{"call_id": "call_1", "error": {"type": "ValueError", "message": "nobody knows"}}]},
    },
    "approval": {
        "summary": "A decision, for the call that was shown",
        "value": {"results": [{"call_id": "call_1", "decision": "approve", "digest": _DIGEST}]},
    },
}
PATCHES: dict[str, dict[str, Any]] = {
    "source": {"summary": "Corrected source", "value": {"source": "total = sum(prices)\ntotal / max(count, 1)"}},
}
FORKS: dict[str, dict[str, Any]] = {
    "value": {"summary": "Another value of a call", "value": {"at_call": "call_1", "output": "Grace"}},
}
