currencies = ["EUR", "USD", "GBP"]
table = {a: {b: convert(100, a, b) for b in currencies if b != a} for a in currencies}
best = max(((a, b, rate) for a, row in table.items() for b, rate in row.items()), key=lambda t: t[2])
round_trip = convert(convert(100, "EUR", "USD"), "USD", "EUR")
{"table": table, "best": list(best), "round_trip": round_trip}
