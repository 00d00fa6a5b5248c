"""Names in a query, as in `?functions=a,b`."""


def names_of(text: str | None) -> list[str] | None:
    """Return the names of a list with commas; None when there is no list."""
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]
