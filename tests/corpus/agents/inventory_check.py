stock = {"MUG": 10, "TEA": 4}
needed = {}
for order in orders:
    if order["status"] == "void":
        continue
    needed[order["sku"]] = needed.get(order["sku"], 0) + order["quantity"]

shortages = {sku: qty - stock.get(sku, 0) for sku, qty in needed.items() if qty > stock.get(sku, 0)}
cost = 0.0
for sku, missing in sorted(shortages.items()):
    cost += get_price(sku) * missing
print("short of", ", ".join(f"{sku} ({n})" for sku, n in sorted(shortages.items())) or "nothing")
{"shortages": shortages, "cost": round(cost, 2), "covered": sorted(needed.keys() - shortages.keys())}
