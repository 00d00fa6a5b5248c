from dataclasses import dataclass, field


@dataclass
class Problem:
    order: int
    field_: str
    message: str


RULES = [
    ("quantity", lambda o: 0 < o["quantity"] <= 5, "must be 1 to 5"),
    ("price", lambda o: o["price"] == get_price(o["sku"]), "is not the list price"),
    ("status", lambda o: o["status"] in {"open", "paid"}, "cannot be processed"),
]
problems = [Problem(o["id"], name, f"{name} {text_}") for o in orders for name, rule, text_ in RULES if not rule(o)]
valid = [o["id"] for o in orders if all(rule(o) for _, rule, _ in RULES)]
{"valid": valid, "problems": [f"#{p.order}: {p.message}" for p in problems]}
