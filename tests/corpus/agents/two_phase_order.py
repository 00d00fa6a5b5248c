def place(sku, quantity):
    """Reserve first; send only when the reservation is there."""
    price = get_price(sku)
    code = reserve(sku, quantity)
    return {"code": code, "amount": round(price * quantity * 1.19, 2)}


log = []
total = 0
for order in orders[:limit]:
    if order["quantity"] > 5:
        log.append(f"order {order['id']}: split")
        parts = [5] * (order["quantity"] // 5)
        if order["quantity"] % 5:
            parts.append(order["quantity"] % 5)
    else:
        parts = [order["quantity"]]
    for part in parts:
        placed = place(order["sku"], part)
        total += placed["amount"]
        log.append(f"order {order['id']}: {placed['code']} for {placed['amount']:.2f}")
{"log": log, "total": round(total, 2)}
