sales = query("sales")
targets = {(row["region"], row["month"]): row["amount"] for row in query("targets")}

report = []
for row in sales:
    target = targets.get((row["region"], row["month"]))
    if target is None:
        report.append({"region": row["region"], "month": row["month"], "status": "no target"})
        continue
    difference = row["amount"] - target
    percent = difference / target * 100
    report.append({
        "region": row["region"],
        "month": row["month"],
        "status": "above" if difference >= 0 else "below",
        "difference": round(difference, 2),
        "percent": f"{percent:+.1f}%",
    })

print(f"{len(report)} rows, {sum(1 for r in report if r['status'] == 'above')} above target")
report
