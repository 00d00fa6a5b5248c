from dataclasses import dataclass


@dataclass
class Budget:
    limit: float
    spent: float = 0.0

    def try_spend(self, amount: float) -> bool:
        if self.spent + amount > self.limit:
            return False
        self.spent += amount
        return True


budget = Budget(limit=100)
bought, skipped = [], []
for order in sorted(orders, key=lambda o: o["price"] * o["quantity"]):
    cost = order["price"] * order["quantity"]
    (bought if budget.try_spend(cost) else skipped).append(order["id"])
reservations = [reserve(o["sku"], min(o["quantity"], 5)) for o in orders if o["id"] in bought]
{"bought": bought, "skipped": skipped, "spent": round(budget.spent, 2), "reservations": reservations}
