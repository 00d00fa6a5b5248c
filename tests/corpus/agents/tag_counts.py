from collections import Counter

tickets = search_tickets()
counter = Counter(tag for t in tickets for tag in t["tags"])
top = counter.most_common(2)
untagged = [t["id"] for t in tickets if not t["tags"]]
hours_by_tag = {}
for t in tickets:
    for tag in t["tags"]:
        hours_by_tag.setdefault(tag, 0.0)
        hours_by_tag[tag] += t["hours"]

{
    "top": [{"tag": tag, "count": n} for tag, n in top],
    "untagged": untagged,
    "hours": {tag: round(h, 2) for tag, h in sorted(hours_by_tag.items())},
}
