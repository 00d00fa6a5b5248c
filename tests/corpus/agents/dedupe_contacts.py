contacts = [
    {"name": "Ada Byron ", "email": "ADA@example.com"},
    {"name": "ada byron", "email": "ada@example.com"},
    {"name": "Bob Stone", "email": None},
    {"name": "Bob  Stone", "email": "bob@example.com"},
]


def key(contact):
    return " ".join(contact["name"].lower().split())


unique = {}
for contact in contacts:
    existing = unique.get(key(contact))
    if existing is None:
        unique[key(contact)] = dict(contact, name=contact["name"].strip())
    elif not existing["email"] and contact["email"]:
        existing["email"] = contact["email"]

cleaned = [{"name": c["name"], "email": (c["email"] or "").lower() or None} for c in unique.values()]
labels = {c["name"]: classify(c["name"]) for c in cleaned}
{"cleaned": cleaned, "removed": len(contacts) - len(cleaned), "labels": labels}
