"""The programs that every interpreter runs."""

PROGRAMS = {
    "fib(24)": "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n\nfib(24)",
    "JSON transformation": (
        "import json\n"
        'text = json.dumps([{"id": n, "name": "row", "amount": n * 1.5, "tags": ["a", "b"]} for n in range(2000)])\n'
        'rows = [{"id": row["id"], "total": row["amount"] * 2} for row in json.loads(text) if row["id"] % 3 == 0]\n'
        "len(json.dumps(rows))"
    ),
    "sort of 100,000 rows": (
        'rows = [{"id": n, "key": n * 7919 % 100003} for n in range(100000)]\n'
        'rows = sorted(rows, key=lambda row: row["key"])\n'
        'rows[0]["id"]'
    ),
    "string building": (
        'parts = []\nfor n in range(50000):\n    parts.append(f"{n}:" + str(n * 3).upper())\nlen(",".join(parts))'
    ),
}
