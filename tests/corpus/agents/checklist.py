steps = [
    ("load", lambda: len(query("sales")) > 0),
    ("prices", lambda: get_price("MUG") > 10),
    ("users", lambda: get_user(3)["email"] is not None),
]
results = {}
for name, check in steps:
    results[name] = "passed" if check() else "failed"
failed = [name for name, status in results.items() if status == "failed"]
if failed:
    send("qa@example.com", f"{len(failed)} checks failed: {', '.join(failed)}")
results
