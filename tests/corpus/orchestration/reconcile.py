from collections import Counter
from itertools import zip_longest

invoices = [{"order": 1, "amount": 25.0}, {"order": 2, "amount": 80.0}, {"order": 9, "amount": 5.0}]
expected = {o["id"]: round(o["price"] * o["quantity"], 2) for o in orders if o["status"] != "void"}
billed = {i["order"]: i["amount"] for i in invoices}
report = []
for number in sorted(expected.keys() | billed.keys()):
    match expected.get(number), billed.get(number):
        case (None, amount):
            report.append(f"{number}: unexpected {amount:.2f}")
        case (amount, None):
            report.append(f"{number}: not billed {amount:.2f}")
        case (a, b) if abs(a - b) < 0.005:
            report.append(f"{number}: ok")
        case (a, b):
            report.append(f"{number}: differs by {b - a:+.2f}")
[report, Counter(line.split(": ")[1].split()[0] for line in report).most_common(1)[0][0] in {"ok", "unexpected", "not", "differs"}, [list(p) for p in zip_longest([1], [2, 3])]]
