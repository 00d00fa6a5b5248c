"""The functions of a small shop: what a program sent to `isthmus serve --functions examples.shop:env` may call.

Names, types and first lines of the docstrings are what a program's author sees, under `GET /functions.pyi`.
"""

import asyncio
from collections import Counter
from typing import Any

from sandbox import RateLimit, TaskEnvironment

env = TaskEnvironment(name="shop")

# How long the warehouse takes to answer.
WAREHOUSE_SECONDS = 0.1

_PRODUCTS: dict[str, tuple[str, float, int]] = {
    "MUG-01": ("Mug, blue", 12.50, 41),
    "MUG-02": ("Mug, white", 11.00, 0),
    "TEA-07": ("Green tea, 100 g", 8.90, 120),
    "TEA-09": ("Oolong, 100 g", 14.20, 3),
    "POT-03": ("Teapot, cast iron", 64.00, 7),
    "POT-05": ("Teapot, glass", 39.90, 0),
    "TIN-02": ("Tea tin, 250 g", 9.50, 58),
    "SPN-01": ("Bamboo spoon", 3.20, 310),
    "STR-04": ("Strainer, steel", 7.80, 25),
    "BOX-10": ("Gift box", 4.50, 2),
}
_CUSTOMERS: dict[str, dict[str, Any]] = {
    "ada@example.com": {"id": 1, "name": "Ada Byron", "email": "ada@example.com", "country": "GB", "points": 340},
    "grace@example.com": {"id": 2, "name": "Grace Murray", "email": "grace@example.com", "country": "US", "points": 80},
    "emmy@example.com": {"id": 3, "name": "Emmy Amalie", "email": "emmy@example.com", "country": "DE", "points": 0},
}
# Number, customer, status, and quantities by article.
_ORDERS: tuple[tuple[int, int, str, dict[str, int]], ...] = (
    (1001, 1, "delivered", {"MUG-01": 2, "TEA-07": 1}),
    (1002, 1, "paid", {"POT-03": 1, "TEA-09": 2, "BOX-10": 1}),
    (1003, 2, "paid", {"TIN-02": 3}),
    (1004, 3, "delivered", {"POT-05": 1, "STR-04": 1}),
    (1005, 1, "open", {"SPN-01": 4}),
    (1006, 3, "paid", {"MUG-02": 6, "BOX-10": 1}),
)
_rate_attempts: Counter[int] = Counter()


@env.task(effect="read")
def find_customer(email: str) -> dict[str, Any] | None:
    """Return id, name, email, country and points of a customer; None when nobody has this address."""
    return _CUSTOMERS.get(email.lower())


@env.task(effect="read")
def list_orders(customer_id: int, status: str | None = None) -> list[dict[str, Any]]:
    """Return a customer's orders: id, status, and items with sku, name, quantity and price in euros.

    Args:
        status: `open`, `paid` or `delivered`; all of them by default.
    """
    return [
        {"id": number, "status": state, "items": [_item(sku, quantity) for sku, quantity in skus.items()]}
        for number, customer, state, skus in _ORDERS
        if customer == customer_id and status in (None, state)
    ]


@env.task(effect="read", timeout=5)
async def stock_level(sku: str) -> int:
    """Ask the warehouse how many pieces of a product it holds. Takes 100 ms."""
    await asyncio.sleep(WAREHOUSE_SECONDS)
    if sku not in _PRODUCTS:
        raise KeyError(sku)
    return _PRODUCTS[sku][2]


@env.task(effect="read")
async def carrier_rate(order_id: int) -> float:
    """Ask the carrier what shipping an order costs, in euros. The carrier is down now and then; try again.

    Here `now and then` is every first, third, fifth ... attempt for an order whose number can be divided by three.
    """
    weight = sum(_order(order_id)[3].values())
    _rate_attempts[order_id] += 1
    if order_id % 3 == 0 and _rate_attempts[order_id] % 2 == 1:
        message = f"the carrier does not answer for order {order_id}"
        raise ConnectionError(message)
    return round(3.90 + 0.75 * weight, 2)


@env.task
def refund(order_id: int, amount: float, reason: str) -> str:
    """Pay an amount in euros back and return the reference of the payment."""
    total = round(sum(_PRODUCTS[sku][1] * quantity for sku, quantity in _order(order_id)[3].items()), 2)
    if not 0 < amount <= total:
        message = f"order {order_id} cost {total:.2f}; {amount:.2f} cannot be refunded"
        raise ValueError(message)
    return f"RF-{order_id}-{round(amount * 100)}-{len(reason)}"


@env.task(rate=RateLimit(calls=100, per_seconds=60))
def send_email(to: str, subject: str, body: str) -> dict[str, Any]:
    """Queue a message to a customer; return its recipient and its size in characters."""
    if to not in _CUSTOMERS:
        message = f"{to} is no customer's address"
        raise ValueError(message)
    return {"to": to, "characters": len(subject) + len(body)}


def _item(sku: str, quantity: int) -> dict[str, Any]:
    name, price, _ = _PRODUCTS[sku]
    return {"sku": sku, "name": name, "quantity": quantity, "price": price}


def _order(order_id: int) -> tuple[int, int, str, dict[str, int]]:
    for order in _ORDERS:
        if order[0] == order_id:
            return order
    message = f"there is no order {order_id}"
    raise LookupError(message)
