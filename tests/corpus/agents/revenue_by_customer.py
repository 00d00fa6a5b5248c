# Revenue per customer, void orders left out.
totals = {}
for order in orders:
    if order["status"] == "void":
        continue
    totals[order["customer"]] = totals.get(order["customer"], 0) + order["price"] * order["quantity"]

result = [
    {"customer": customer, "name": get_user(i + 1)["name"], "total": round(total, 2)}
    for i, (customer, total) in enumerate(sorted(totals.items()))
]
result.append({"customer": "all", "name": None, "total": round(sum(totals.values()), 2)})
result
