tickets = search_tickets(limit=4)
by_label = {}
for t in tickets:
    by_label.setdefault(classify(t["subject"]), []).append(t["subject"].upper()[:20])

summary = {label: {"count": len(subjects), "examples": subjects[:2]} for label, subjects in sorted(by_label.items())}
most = max(summary.items(), key=lambda item: item[1]["count"])[0]
print("{} tickets, mostly {}".format(len(tickets), most))
summary
