"""What `os.environ` holds in a program: checked where it is given, before a program starts without."""

MAX_ENV_VARS_BYTES = 32 * 1024
"""Of all names and values together, in UTF-8."""


def env_vars(value: object) -> dict[str, str]:
    """Return a copy of environment variables, in the order of their names.

    Messages name a variable, never what it holds.

    Raises:
        TypeError: it is no dictionary from text to text.
        ValueError: a name is empty or holds "=", a text holds NUL or a lone surrogate, or they are too long together.
    """
    if not isinstance(value, dict):
        message = f"env_vars must be a dictionary from text to text, not {type(value).__name__}"
        raise TypeError(message)
    size = 0
    for name, held in value.items():
        _check(name, held)
        size += len(name.encode()) + len(held.encode())
        if size > MAX_ENV_VARS_BYTES:
            message = (
                f"env_vars must take at most {MAX_ENV_VARS_BYTES:,} bytes together: pass what is larger as an input"
            )
            raise ValueError(message)
    return dict(sorted(value.items()))


def _check(name: object, held: object) -> None:
    if not isinstance(name, str) or not isinstance(held, str):
        shown = repr(name[:100]) if isinstance(name, str) else f"a {type(name).__name__}"
        what = "name" if not isinstance(name, str) else "value"
        message = f"env_vars must be a dictionary from text to text; the {what} of {shown} is no text"
        raise TypeError(message)
    if not name or "=" in name or not _is_plain(name):
        message = f'env_vars has the name {name[:100]!r}: a name is not empty and holds no "=", NUL or lone surrogate'
        raise ValueError(message)
    if not _is_plain(held):
        message = f"env_vars[{name[:100]!r}] holds NUL or a lone surrogate, which no environment variable can"
        raise ValueError(message)


def _is_plain(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
