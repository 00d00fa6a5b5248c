matrix = [[1, 2, 3], [4, 5, 6]]
words = text.lower().replace(".", "").replace(";", "").split()
by_letter = {}
for word in words:
    by_letter.setdefault(word[0], []).append(word)
{
    "transposed": [[row[i] for row in matrix] for i in range(3)],
    "flat": [x for row in matrix for x in row if x % 2],
    "lengths": {word: len(word) for word in words if len(word) > 4},
    "set": sorted({len(word) for word in words}),
    "pairs": [[a, b] for a in "ab" for b in "xy"],
    "total": sum(order["quantity"] * order["price"] for order in orders if order["status"] != "void"),
    "swapped": {v: k for k, v in {"a": "1", "b": "2"}.items()},
    "groups": {k: v for k, v in sorted(by_letter.items()) if len(v) > 1},
}
