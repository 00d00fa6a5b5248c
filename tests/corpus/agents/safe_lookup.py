def lookup(user_id):
    try:
        user = get_user(user_id)
    except LookupError as e:
        print(f"skipping {user_id}: {e}")
        return None
    return user["email"] or f"{user['name'].split()[0].lower()}@unknown"


emails = {}
for user_id in [1, 2, 3, 4]:
    email = lookup(user_id)
    if email is not None:
        emails[user_id] = email

{"emails": emails and list(emails.values()), "missing": [i for i in range(1, 5) if i not in emails]}
