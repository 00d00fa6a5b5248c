from collections import defaultdict
from decimal import Decimal

table = defaultdict(lambda: defaultdict(Decimal))
for order in orders:
    table[order["customer"]][order["status"]] += Decimal(str(order["price"])) * order["quantity"]
columns = sorted({status for row in table.values() for status in row})
lines = ["customer," + ",".join(columns)]
for customer in sorted(table):
    lines.append(",".join([customer, *(f"{table[customer][c]:.2f}" for c in columns)]))
print("\n".join(lines))
{"rows": len(table), "columns": columns, "total": str(sum(sum(row.values()) for row in table.values()))}
