"""A dataclass with a property and a method, built from two functions' answers."""

from dataclasses import dataclass, field


@dataclass
class Account:
    name: str
    points: int
    spent: float = 0.0
    orders: list[int] = field(default_factory=list)

    @property
    def tier(self) -> str:
        match self.points + int(self.spent):
            case score if score >= 400:
                return "gold"
            case score if score >= 110:
                return "silver"
            case _:
                return "bronze"

    def add(self, order):
        self.orders.append(order["id"])
        self.spent += sum(item["quantity"] * item["price"] for item in order["items"])


def account_of(email):
    customer = find_customer(email)
    if customer is None:
        return None
    account = Account(customer["name"], customer["points"])
    for order in list_orders(customer["id"]):
        if order["status"] != "open":
            account.add(order)
    return account


accounts = [account for email in emails if (account := account_of(email))]
accounts.sort(key=lambda account: account.spent, reverse=True)

[{"name": a.name, "tier": a.tier, "spent": round(a.spent, 2), "orders": a.orders} for a in accounts]
