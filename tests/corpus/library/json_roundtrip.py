import json
from datetime import date
from decimal import Decimal


class Encoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, (date, Decimal)):
            return str(value)
        if isinstance(value, set):
            return sorted(value)
        return super().default(value)


packed = json.dumps({"day": date(2026, 3, 1), "price": Decimal("12.50"), "tags": {"b", "a"}, "n": [1, 2.5, None, True]}, cls=Encoder, sort_keys=True)
try:
    json.loads('{"a": [1, 2}')
except json.JSONDecodeError as error:
    where = [error.msg, error.lineno, error.colno, error.pos]
[
    packed, json.loads(packed), where, json.dumps([1, {"a": "é"}], indent=1), json.dumps("é", ensure_ascii=False),
    json.loads('{"a": 1, "b": 2}', object_pairs_hook=lambda pairs: [list(p) for p in pairs]),
    json.loads("1.10", parse_float=lambda s: f"<{s}>"), json.dumps({1: "x"}), json.dumps((1, 2), separators=(",", ":")),
]
