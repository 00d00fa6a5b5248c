from graphlib import TopologicalSorter

STEPS = {
    "user": (set(), lambda r: get_user(1)),
    "orders": ({"user"}, lambda r: list_orders(r["user"]["name"].split()[0].lower())),
    "total": ({"orders"}, lambda r: sum(o["price"] * o["quantity"] for o in r["orders"])),
    "dollars": ({"total"}, lambda r: convert(r["total"], "EUR", "USD")),
    "mail": ({"user", "dollars"}, lambda r: send(r["user"]["email"], f"${r['dollars']:.2f}")),
}
results, order = {}, []
for name in TopologicalSorter({k: v[0] for k, v in STEPS.items()}).static_order():
    results[name] = STEPS[name][1](results)
    order.append(name)
{"order": order, "mail": results["mail"], "total": results["total"]}
