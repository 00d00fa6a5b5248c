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


FUNCTIONS = (get_user, list_orders, get_price, reserve, fetch_page, convert, classify, send)


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
