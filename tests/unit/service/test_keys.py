"""Keys of callers."""

import re

from service.keys import digest_of, id_of, is_same, new_key


def test_a_key_is_random_and_names_itself() -> None:
    """A scanner for secrets finds its form; its public part is all that a list shows."""
    key, other = new_key(), new_key()

    assert re.fullmatch(r"ik_[a-z2-7]{12}_[A-Za-z0-9_-]{43}", key)
    assert id_of(key) == key[:15]
    assert key != other
    assert id_of(other) != id_of(key)


def test_what_has_not_the_form_of_a_key_names_nothing() -> None:
    """It never reaches the database."""
    assert [id_of(text) for text in ("", "ik_", new_key() + "\n", new_key()[:-1], "x" * 10_000, "\udc80")] == [None] * 6


def test_only_the_whole_key_has_its_digest() -> None:
    """The public part alone opens nothing."""
    key = new_key()

    assert is_same(digest_of(key), digest_of(key))
    assert not is_same(digest_of(key), digest_of(key[:-1] + ("a" if key[-1] != "a" else "b")))
    assert not is_same(digest_of(key), digest_of(key[:15]))
