rows = query("sales")
months = sorted({r["month"] for r in rows})
regions = sorted(set(r["region"] for r in rows))
cells = {(r["region"], r["month"]): r["amount"] for r in rows}

table = []
for region in regions:
    values = [cells.get((region, month), 0.0) for month in months]
    table.append({"region": region, **dict(zip(months, values)), "total": round(sum(values), 2)})

column_totals = {m: round(sum(cells.get((r, m), 0) for r in regions), 2) for m in months}
best = max(table, key=lambda row: row["total"])
{"table": table, "totals": column_totals, "best": best["region"], "share": round(best["total"] / sum(column_totals.values()) * 100, 1)}
