def subordinates(manager, people):
    return [p["id"] for p in people if p["manager"] == manager]


people = [get_user(n) for n in (1, 2, 3)]
tree = lambda n: {"name": next(p["name"] for p in people if p["id"] == n), "reports": [tree(s) for s in subordinates(n, people)]}
depth = lambda t: 1 + max(map(depth, t["reports"]), default=0)
teams = {}
for person in people:
    teams.setdefault(person["team"], []).append(person["name"].split()[0])
{"tree": tree(1), "depth": depth(tree(1)), "teams": teams, "without_mail": [p["name"] for p in people if not p.get("email")]}
