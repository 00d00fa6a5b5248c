from dataclasses import dataclass


@dataclass
class Line:
    sku: str
    quantity: int
    unit: float

    def total(self):
        return self.quantity * self.unit


class Cart:
    def __init__(self, customer):
        self.customer = customer
        self.lines = []

    def add(self, sku, quantity):
        self.lines.append(Line(sku, quantity, get_price(sku)))
        return self

    def total(self):
        return round(sum(line.total() for line in self.lines), 2)


cart = Cart("ada").add("MUG", 2).add("TEA", 3)
cheapest = min(cart.lines, key=lambda line: line.unit)
{"total": cart.total(), "lines": len(cart.lines), "cheapest": cheapest.sku}
