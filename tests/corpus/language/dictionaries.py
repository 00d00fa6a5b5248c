user = {"name": "Ada", "tags": ["a", "b"], "address": {"city": "London"}}
merged = {**user, "name": "Bob", **{"age": 5}}
merged |= {"zip": 1}
inverted = {str(v): k for k, v in merged.items() if not isinstance(v, (list, dict))}
counts = {}
for letter in "mississippi":
    counts[letter] = counts.get(letter, 0) + 1
popped = merged.pop("tags")
missing = merged.pop("gone", None)
nested = {}
nested.setdefault("a", {}).setdefault("b", []).append(1)
ordered = dict(sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])))
try:
    user["email"]
except KeyError as error:
    lost = error.args[0]
[merged, inverted, list(ordered), popped, missing, nested, lost, user.get("address", {}).get("city"), "name" in user, list(user.keys() & {"name", "x"}), dict.fromkeys("ab", 0), {1: "a"}.get(1), list({"a": 1}.items())[0][1], ({"a": 1} | {"b": 2}), list(reversed({"a": 1, "b": 2})), {k: v for d in ({"x": 1}, {"y": 2}) for k, v in d.items()} == {"x": 1, "y": 2}, dict([("k", 1)]), max(counts, key=counts.get), len(user), {"a": 1} == {"a": 1.0}]
