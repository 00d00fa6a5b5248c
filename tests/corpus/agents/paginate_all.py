items = []
page = 1
while page is not None and page < 10:
    response = fetch_page(page)
    items.extend(response["items"])
    page = response.get("next")

even = [i for i in items if i % 2 == 0]
{
    "count": len(items),
    "sum": sum(items),
    "average": sum(items) / len(items),
    "even": even,
    "largest": max(items),
    "batches": [items[i:i + 4] for i in range(0, len(items), 4)],
}
