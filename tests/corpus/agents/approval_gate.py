def needs_approval(order):
    return order["quantity"] * order["price"] > 60


pending = []
for order in filter(lambda o: o["status"] in ("open", "paid"), orders):
    amount = order["quantity"] * order["price"]
    if needs_approval(order):
        pending.append({"id": order["id"], "amount": amount})

for item in pending:
    note = send("boss@example.com", f"Approve order {item['id']} ({item['amount']:.2f})?", urgent=item["amount"] > 80)
    item["priority"] = note["priority"]

{"pending": pending, "exposure": sum(p["amount"] for p in pending), "count": len(pending)}
