import asyncio

skus = ["MUG", "TEA", "POT"]
prices = await asyncio.gather(*[get_price(sku) for sku in skus])
known = dict(zip(skus, prices))
baseline = {"MUG": 12.0, "TEA": 8.9, "POT": 70.0}

changes = []
for sku, price in known.items():
    old = baseline[sku]
    change = (price - old) / old
    if abs(change) >= 0.01:
        direction = "up" if change > 0 else "down"
        changes.append(f"{sku} is {direction} {abs(change):.1%} ({old:.2f} -> {price:.2f})")

if changes:
    send("buyers@example.com", f"{len(changes)} price changes")
changes
