import secrets
import string

password = "".join(secrets.choice(string.ascii_letters) for _ in range(12))
[len(secrets.token_hex(8)), len(secrets.token_bytes(5)), len(password), password.isalpha(), secrets.compare_digest("a", "a"), 0 <= secrets.randbelow(10) < 10, secrets.token_urlsafe(4) != secrets.token_urlsafe(4), secrets.randbits(3) < 8]
