import json

payloads = [
    '{"sku": "MUG", "quantity": 2}',
    '{"sku": "TEA", "quantity": 20}',
    '{"sku": "POT"}',
]
done = []
for raw in payloads:
    order = json.loads(raw)
    quantity = order.get("quantity", 1)
    if quantity > 5:
        done.append({"sku": order["sku"], "skipped": "too many"})
        continue
    reservation = reserve(order["sku"], quantity)
    done.append({"sku": order["sku"], "reservation": reservation, "price": get_price(order["sku"]) * quantity})

print(json.dumps(done[0], indent=2, sort_keys=True))
json.dumps({"done": done, "total": sum(d.get("price", 0) for d in done)})
