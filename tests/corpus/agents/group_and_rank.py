from collections import defaultdict

groups = defaultdict(list)
for row in query("sales"):
    groups[row["region"]].append(row)

ranking = []
for region, rows in groups.items():
    amount = sum(r["amount"] for r in rows)
    units = sum(r["units"] for r in rows)
    ranking.append({
        "region": region,
        "amount": round(amount, 2),
        "units": units,
        "per_unit": round(amount / units, 3) if units else None,
        "best_month": max(rows, key=lambda r: r["amount"])["month"],
    })

ranking.sort(key=lambda r: r["amount"], reverse=True)
for place, entry in enumerate(ranking, start=1):
    print(f"{place}. {entry['region']:<8} {entry['amount']:>10,.2f}")
ranking
