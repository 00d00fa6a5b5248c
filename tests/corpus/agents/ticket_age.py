from datetime import datetime

now = datetime(2026, 3, 4, 12, 0, 0)
ages = []
for ticket in search_tickets():
    if ticket["status"] == "closed":
        continue
    opened = datetime.fromisoformat(ticket["opened"])
    hours = (now - opened).total_seconds() / 3600
    ages.append({"id": ticket["id"], "hours": round(hours, 1), "late": hours > 24 * ticket["priority"]})

ages.sort(key=lambda a: -a["hours"])
{"oldest": ages[0], "late": [a["id"] for a in ages if a["late"]], "mean": round(sum(a["hours"] for a in ages) / len(ages), 2)}
