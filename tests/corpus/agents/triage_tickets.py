import asyncio

tickets = await search_tickets(status="open")
tickets.sort(key=lambda t: (t["priority"], t["opened"]))

assignments = []
for ticket in tickets:
    subject = ticket["subject"].lower()
    if "invoice" in subject or "refund" in subject:
        team = "billing"
    elif "error" in subject or "fails" in subject:
        team = "engineering"
    else:
        team = "support"
    assignments.append({"id": ticket["id"], "team": team, "label": classify(ticket["subject"])})

counts = {}
for a in assignments:
    counts[a["team"]] = counts.get(a["team"], 0) + 1

{"assignments": assignments, "counts": counts, "first": assignments[0]["id"] if assignments else None}
