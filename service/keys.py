"""Keys: how they look, how they are made, and what is kept of them.

A key is `ik_`, twelve letters and digits by which it is found and named, `_`, and 256 random bits. Of those only the
SHA-256 is kept: nobody can try 2^256 keys, so a slow hash, which passwords need because people choose them, would cost
every request its time and protect nothing.
"""

import hashlib
import hmac
import re
import secrets

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_KEY = re.compile(r"(ik_[a-z2-7]{12})_[A-Za-z0-9_-]{43}")


def new_key() -> str:
    """Return a fresh key."""
    return f"ik_{''.join(secrets.choice(_LETTERS) for _ in range(12))}_{secrets.token_urlsafe(32)}"


def id_of(key: str) -> str | None:
    """Return the public part of a key, None when it has not the form of one."""
    found = _KEY.fullmatch(key)
    return None if found is None else found[1]


def digest_of(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def is_same(key: str, other: str) -> bool:
    """Compare two keys, or two digests, in a time that does not tell where they differ."""
    return hmac.compare_digest(key.encode(errors="surrogatepass"), other.encode(errors="surrogatepass"))
