from collections import defaultdict

totals = defaultdict(float)
for order in orders:
    if order["status"] == "void":
        continue
    totals[order["customer"]] += order["quantity"] * get_price(order["sku"])
best = max(totals, key=totals.get)
mail = send(f"{best}@example.com", subject=f"You spent {totals[best]:.2f}", urgent=totals[best] > 80)
{"totals": {k: round(v, 2) for k, v in totals.items()}, "in_usd": convert(totals[best], "EUR", "USD"), "mail": mail}
