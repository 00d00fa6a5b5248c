amounts = {"EUR": 100, "USD": 59.99, "GBP": 12.5}
rows = []
for currency, amount in amounts.items():
    rows.append([currency] + [convert(amount, currency, target) for target in sorted(amounts)])

header = ["from"] + sorted(amounts)
table = [" | ".join(header), "-|-".join("-" * len(h) for h in header)]
for row in rows:
    table.append(" | ".join([row[0]] + [f"{value:.2f}" for value in row[1:]]))

print("\n".join(table))
grand_total = sum(convert(a, c, "EUR") for c, a in amounts.items())
{"rows": rows, "total_eur": round(grand_total, 2)}
