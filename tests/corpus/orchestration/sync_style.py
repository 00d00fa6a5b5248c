"""Code as it is written without any async."""
users = [get_user(n) for n in range(1, 4)]
by_team = {}
for user in users:
    by_team.setdefault(user["team"], []).append(user["name"])
spent = {user["name"]: sum(o["price"] * o["quantity"] for o in list_orders(customer=user["name"].split()[0].lower())) for user in users}
big = [name for name, amount in spent.items() if amount > 50]
for name in big:
    send(to=name, subject="Thank you", urgent=True)
{"teams": by_team, "big": sorted(big), "spent": {k: round(v, 2) for k, v in sorted(spent.items())}}
