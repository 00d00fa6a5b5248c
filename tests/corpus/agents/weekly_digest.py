from datetime import date, timedelta

start = date(2026, 3, 2)
days = [start + timedelta(days=n) for n in range(7)]
tickets = search_tickets()
by_day = {d.isoformat(): [] for d in days}
for t in tickets:
    day = t["opened"][:10]
    if day in by_day:
        by_day[day].append(t["id"])

lines = []
for d in days:
    ids = by_day[d.isoformat()]
    lines.append(f"{d.strftime('%a %d')}: {', '.join(str(i) for i in ids) or '-'}")

message = "\n".join(lines)
send("team@example.com", f"Week of {start.isoformat()}")
{"message": message, "weekend": [d.isoformat() for d in days if d.weekday() >= 5]}
