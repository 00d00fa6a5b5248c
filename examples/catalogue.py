"""The programs in `programs/`: what each is sent with, and what its answer must hold.

`expected` is a part of the answer: of an object the named members, of everything else the whole value. Times are
never part of it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parent / "programs"

SKUS = ["MUG-01", "MUG-02", "TEA-07", "TEA-09", "POT-03", "POT-05", "TIN-02", "SPN-01", "STR-04", "BOX-10"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One program with its inputs and its whitelist."""

    file: str
    title: str
    functions: tuple[str, ...] = ()
    inputs: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, int | float] = field(default_factory=dict)
    expected: dict[str, Any]

    @property
    def source(self) -> str:
        """The program's text."""
        return (PROGRAMS / self.file).read_text(encoding="utf-8")

    def body(self) -> dict[str, Any]:
        """Return what is POSTed to `/orchestrate`, the optional parts only where they say something."""
        optional = {"inputs": self.inputs, "functions": list(self.functions), "limits": self.limits}
        return {"source": self.source, **{name: value for name, value in optional.items() if value}}


def completed(output: Any) -> dict[str, Any]:
    """Return what the answer to a program with this value holds."""
    return {"status": "completed", "output": output, "error": None}


def failed(kind: str, type_name: str, *frames: tuple[int, str]) -> dict[str, Any]:
    """Return what the answer to a failing program holds; `frames` are lines and sources of its traceback."""
    traceback = [{"line": line, "source": source} for line, source in frames]
    return {"status": "failed", "output": None, "error": {"kind": kind, "type": type_name, "traceback": traceback}}


EXAMPLES = (
    Example(
        file="carrier_rates.py",
        title="a loop over calls with try/except",
        functions=("carrier_rate",),
        inputs={"order_ids": [1001, 1002, 1003, 9999, 1005]},
        expected=completed(
            {"rates": {"1001": 6.15, "1002": 6.9, "1003": 6.15, "1005": 6.9}, "total": 26.1, "unknown": [9999]}
        ),
    ),
    Example(
        file="stock_check.py",
        title="asyncio.gather over ten calls of 100 ms",
        functions=("stock_level",),
        inputs={"skus": SKUS, "reorder_below": 10},
        expected=completed(
            {"sold_out": ["MUG-02", "POT-05"], "low": {"TEA-09": 3, "POT-03": 7, "BOX-10": 2}, "pieces": 566}
        ),
    ),
    Example(
        file="loyalty.py",
        title="a dataclass with a property, match, a walrus",
        functions=("find_customer", "list_orders"),
        inputs={"emails": ["ada@example.com", "grace@example.com", "nobody@example.com", "emmy@example.com"]},
        expected=completed(
            [
                {"name": "Ada Byron", "tier": "gold", "spent": 130.8, "orders": [1001, 1002]},
                {"name": "Emmy Amalie", "tier": "silver", "spent": 118.2, "orders": [1004, 1006]},
                {"name": "Grace Murray", "tier": "bronze", "spent": 28.5, "orders": [1003]},
            ]
        ),
    ),
    Example(
        file="invoice.py",
        title="a comprehension with formatting, print, a call with keywords",
        functions=("find_customer", "list_orders", "send_email"),
        inputs={"email": "ada@example.com"},
        expected=completed({"to": "ada@example.com", "characters": 170}),
    ),
    Example(
        file="shipping_quote.py",
        title="asyncio.TaskGroup, a timeout, except*",
        functions=("list_orders", "carrier_rate"),
        inputs={"customers": [1, 2, 3]},
        expected=completed(
            {"quotes": {"order 1002": 6.9, "order 1003": 6.15, "order 1006": 9.15}, "failed": []},
        ),
    ),
    Example(
        file="misspelt.py",
        title="a name that is not there",
        functions=("find_customer", "list_orders"),
        expected=failed("runtime", "NameError", (4, 'orders = list_order(customer["id"])')),
    ),
    Example(
        file="refund_too_much.py",
        title="an exception of a function that the program does not catch",
        functions=("refund",),
        expected=failed(
            "function",
            "ValueError",
            (10, "pay_back(1004, 390.90)"),
            (5, 'return refund(order_id, amount, reason="broken")'),
        ),
    ),
    Example(
        file="forbidden.py",
        title="forbidden constructs",
        expected=failed(
            "policy",
            "PolicyViolation",
            (3, "import socket"),
            (4, "import sys"),
            (6, "classes = ().__class__.__base__.__subclasses__()"),
            (6, "classes = ().__class__.__base__.__subclasses__()"),
        ),
    ),
    Example(
        file="endless.py",
        title="a limit",
        limits={"fuel": 1_000_000_000},
        expected={"status": "failed", "output": None, "error": {"kind": "limit"}},
    ),
)
