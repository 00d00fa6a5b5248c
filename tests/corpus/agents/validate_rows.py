def validate(row):
    problems = []
    if not isinstance(row.get("quantity"), int) or row["quantity"] <= 0:
        problems.append("quantity must be a positive integer")
    if row.get("sku") not in {"MUG", "TEA", "POT"}:
        problems.append(f"unknown sku {row.get('sku')}")
    if "@" not in row.get("email", ""):
        problems.append("email is missing or malformed")
    return problems


rows = [
    {"sku": "MUG", "quantity": 1, "email": "ada@example.com"},
    {"sku": "CAR", "quantity": 0},
    {"sku": "TEA", "quantity": "3", "email": "bob"},
]
checked = [(row, validate(row)) for row in rows]
valid = [row for row, problems in checked if not problems]
reserved = [reserve(row["sku"], row["quantity"]) for row in valid]
{
    "valid": len(valid),
    "reserved": reserved,
    "problems": {str(i): problems for i, (_, problems) in enumerate(checked) if problems},
    "all_valid": all(not problems for _, problems in checked),
    "any_unknown": any("unknown" in p for _, problems in checked for p in problems),
}
