items, page = [], 1
while page is not None:
    answer = await fetch_page(page)
    items.extend(answer["items"])
    page = answer["next"]
{"count": len(items), "items": items, "sum": sum(items)}
