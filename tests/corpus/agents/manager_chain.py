def chain(user_id):
    names = []
    seen = set()
    while user_id is not None and user_id not in seen:
        seen.add(user_id)
        user = get_user(user_id)
        names.append(user["name"])
        user_id = user["manager"]
    return names


chains = {f"user {n}": " > ".join(chain(n)) for n in (1, 2, 3)}
deepest = max(chains.values(), key=len)
{"chains": chains, "deepest": deepest, "depth": deepest.count(">") + 1}
