class Rejected(Exception):
    pass


def approve(order):
    rules = [(lambda o: o["status"] != "void", "void order"), (lambda o: o["quantity"] <= 5, "too many"), (lambda o: o["price"] < 50, "too expensive")]
    reasons = [reason for rule, reason in rules if not rule(order)]
    if reasons:
        raise Rejected(*reasons)
    return reserve(order["sku"], order["quantity"])


outcome = {}
for order in orders:
    try:
        outcome[f"order {order['id']}"] = approve(order)
    except Rejected as error:
        outcome[f"order {order['id']}"] = " and ".join(error.args)
    else:
        print("reserved", order["id"])
outcome
