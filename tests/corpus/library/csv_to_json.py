import csv
import io
import json
from itertools import groupby
from operator import itemgetter

DATA = """date,region,amount
2026-01-03,north,10.5
2026-01-04,south,7
2026-01-04,north,2.25
2026-02-01,south,3
"""
rows = [{**row, "amount": float(row["amount"])} for row in csv.DictReader(io.StringIO(DATA))]
rows.sort(key=itemgetter("region", "date"))
summary = {region: {"n": len(part), "sum": sum(r["amount"] for r in part)} for region, part in ((k, list(g)) for k, g in groupby(rows, itemgetter("region")))}
by_month = {}
for row in rows:
    by_month[row["date"][:7]] = by_month.get(row["date"][:7], 0) + row["amount"]
print(json.dumps(summary, sort_keys=True))
json.loads(json.dumps({"summary": summary, "months": dict(sorted(by_month.items())), "first": rows[0]}))
