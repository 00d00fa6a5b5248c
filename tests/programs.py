"""The corpus: ordinary programs as models write them, with the functions and inputs that they are given.

A program is `tests/corpus/THEME/NAME.py`; `NAME.json` beside it holds its value and what it prints, which plain Python
gave, and not the guest. Values hold what JSON can say, so that nothing is lost in the file.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent / "corpus"
INPUTS: dict[str, Any] = {
    "orders": [
        {"id": 1, "customer": "ada", "sku": "MUG", "quantity": 2, "price": 12.5, "status": "open"},
        {"id": 2, "customer": "bob", "sku": "TEA", "quantity": 10, "price": 8.9, "status": "paid"},
        {"id": 3, "customer": "ada", "sku": "POT", "quantity": 1, "price": 64.0, "status": "paid"},
        {"id": 4, "customer": "cy", "sku": "TEA", "quantity": 3, "price": 8.9, "status": "void"},
    ],
    "text": "The quick brown fox jumps over the lazy dog.\nIt was not amused; the dog slept on.",
    "limit": 3,
}
_USERS = {
    1: {"id": 1, "name": "Ada Byron", "email": "ada@example.com", "team": "red", "manager": None},
    2: {"id": 2, "name": "Bob Stone", "email": "bob@example.com", "team": "blue", "manager": 1},
    3: {"id": 3, "name": "Cy Young", "email": None, "team": "red", "manager": 2},
}
_TICKETS = [
    {"id": 101, "customer": "ada", "subject": "Invoice #4411 is wrong", "priority": 2, "status": "open",
     "opened": "2026-03-02T09:15:00", "hours": 1.25, "tags": ["billing", "invoice"]},
    {"id": 102, "customer": "bob", "subject": "Export fails with error E-17", "priority": 1, "status": "open",
     "opened": "2026-03-01T22:40:00", "hours": 6.1, "tags": ["export", "bug"]},
    {"id": 103, "customer": "ada", "subject": "How do I add a colleague?", "priority": 4, "status": "closed",
     "opened": "2026-02-27T11:05:00", "hours": 0.3, "tags": []},
    {"id": 104, "customer": "cy", "subject": "Refund of order 9-2231", "priority": 2, "status": "waiting",
     "opened": "2026-03-03T08:00:00", "hours": 2.675, "tags": ["billing"]},
    {"id": 105, "customer": "bob", "subject": "Export is slow", "priority": 3, "status": "open",
     "opened": "2026-03-03T16:30:00", "hours": 0.1, "tags": ["export"]},
]  # fmt: skip
_LATENCIES = {
    "web": [(118.2, 0), (120.7, 1), (131.4, 0), (512.9, 7), (498.3, 5), (122.0, 0)],
    "search": [(40.1, 0), (41.6, 0), (39.9, 0), (42.2, 1), (40.7, 0), (40.4, 0)],
    "mail": [],
}
_TABLES = {
    "sales": [
        ("north", "2026-01", 1200.1, 12), ("north", "2026-02", 980.2, 9), ("south", "2026-01", 430.3, 5),
        ("south", "2026-02", 612.7, 7), ("west", "2026-02", 75.05, 1),
    ],
    "targets": [("north", "2026-01", 1100.0, 10), ("north", "2026-02", 1100.0, 10), ("south", "2026-02", 600.0, 8)],
}  # fmt: skip
_PRICES = {"MUG": 12.5, "TEA": 8.9, "POT": 64.0}
_RATES = {"EUR": 1.0, "USD": 1.25, "GBP": 0.8}


class OutOfStock(Exception):
    """What `reserve` raises: no built-in exception, so that a program sees a `FunctionError`."""


async def get_user(user_id: int) -> dict[str, Any]:
    """Return a user, or raise LookupError."""
    if user_id not in _USERS:
        raise LookupError(f"no user {user_id}")
    return _USERS[user_id]


async def list_orders(customer: str, limit: int = 10) -> list[dict[str, Any]]:
    """Return the orders of a customer."""
    return [order for order in INPUTS["orders"] if order["customer"] == customer][:limit]


async def get_price(sku: str) -> float:
    """Return a price, or raise KeyError."""
    return _PRICES[sku]


async def reserve(sku: str, quantity: int) -> str:
    """Reserve goods."""
    if quantity > 5:
        raise OutOfStock(f"only 5 of {sku} are left")
    return f"{sku}-{quantity}"


async def fetch_page(number: int) -> dict[str, Any]:
    """Return one of three pages."""
    if number > 3:
        raise ConnectionError(f"page {number} timed out")
    items = [number * 10 + offset for offset in range(3)]
    return {"items": items, "next": number + 1 if number < 3 else None}


def convert(amount: float, source: str, target: str) -> float:
    """Convert an amount between currencies."""
    return round(amount * _RATES[target] / _RATES[source], 2)


def classify(text: str) -> str:
    """Return a label for a text."""
    return "question" if text.rstrip().endswith("?") else "long" if len(text) > 40 else "short"


def send(to: str, subject: str, *, urgent: bool = False) -> dict[str, Any]:
    """Send a message."""
    return {"to": to, "subject": subject, "priority": "high" if urgent else "normal"}


async def search_tickets(status: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Return tickets, the oldest number first."""
    return [one for one in _TICKETS if status is None or one["status"] == status][:limit]


async def get_metrics(service: str) -> list[dict[str, Any]]:
    """Return what was measured of a service, minute by minute, or raise ValueError."""
    if service not in _LATENCIES:
        raise ValueError(f"unknown service: {service}")
    return [
        {"minute": minute, "latency_ms": latency, "errors": errors}
        for minute, (latency, errors) in enumerate(_LATENCIES[service])
    ]


def query(table: str) -> list[dict[str, Any]]:
    """Return the rows of a table, or raise KeyError."""
    return [dict(zip(("region", "month", "amount", "units"), row, strict=True)) for row in _TABLES[table]]


FUNCTIONS = (
    get_user, list_orders, get_price, reserve, fetch_page, convert, classify, send, search_tickets, get_metrics, query
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusProgram:
    """One program, and what it comes to."""

    name: str
    source: str
    value: Any
    output: str


def corpus() -> list[CorpusProgram]:
    """Return all programs, by name."""
    found = []
    for path in sorted(ROOT.glob("*/*.py")):
        expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        name = path.relative_to(ROOT).with_suffix("").as_posix()
        found.append(CorpusProgram(name=name, source=path.read_text(encoding="utf-8"), **expected))
    return found
