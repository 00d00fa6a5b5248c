events = [
    {"type": "order", "id": 7, "items": ["a", "b", "c"]},
    {"type": "order", "id": 8, "items": []},
    {"type": "refund", "amount": 12.5},
    {"type": "refund", "amount": -1},
    ["move", 3, 4],
    ["move", 0, 0],
    ("quit",),
    "help",
    42,
    None,
    {"type": "?"},
]


def handle(event):
    match event:
        case {"type": "order", "id": int(id), "items": [first, *rest]}:
            return f"order {id}: {first} and {len(rest)} more"
        case {"type": "order", "items": []}:
            return "empty order"
        case {"type": "refund", "amount": amount} if amount > 0:
            return f"refund {amount:.2f}"
        case ["move", 0, 0]:
            return "stay"
        case ["move", int() as x, int() as y]:
            return f"move by {x},{y}"
        case ("quit",) | "help":
            return "command"
        case int(n):
            return f"number {n}"
        case None:
            return "nothing"
        case {"type": kind, **extra}:
            return f"unknown {kind} {extra}"
        case _:
            return "?"


[handle(e) for e in events]
