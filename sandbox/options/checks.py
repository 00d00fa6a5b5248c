"""Checks that several option types share: each message names the field, the value, and what is allowed."""

import datetime
import math


def duration(field: str, value: object, *, least: float = 0) -> datetime.timedelta:
    """Return a length of time that was given as seconds or as a timedelta.

    Raises:
        ValueError: it is neither, or shorter than `least` seconds.
    """
    if isinstance(value, datetime.timedelta):
        length = value
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        length = _timedelta(field, value)
    else:
        message = f"{field} must be a number of seconds or a timedelta, not {value!r}"
        raise ValueError(message)
    if length.total_seconds() < least:
        message = f"{field} must be at least {least:g} seconds, not {value!r}"
        raise ValueError(message)
    return length


def whole_number(field: str, value: object, *, least: int) -> int:
    """Return a whole number.

    Raises:
        ValueError: it is none, or smaller than `least`.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        message = f"{field} must be a whole number of at least {least}, not {value!r}"
        raise ValueError(message)
    return value


def text(field: str, value: object, *, longest: int = 256) -> str:
    """Return a text that is not empty.

    Raises:
        TypeError: it is no text.
        ValueError: it is empty or too long.
    """
    if not isinstance(value, str):
        message = f"{field} must be a text, not {value!r}"
        raise TypeError(message)
    if not 0 < len(value) <= longest:
        message = f"{field} must have 1 to {longest} characters, not {len(value)}"
        raise ValueError(message)
    return value


def texts(field: str, value: object) -> dict[str, str]:
    """Return a copy of a dictionary from text to text.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(value, dict) or not all(isinstance(one, str) for pair in value.items() for one in pair):
        message = f"{field} must be a dictionary from text to text, not {value!r}"
        raise TypeError(message)
    return dict(value)


def flag(field: str, value: object) -> bool:
    """Return a truth value.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(value, bool):
        message = f"{field} must be True or False, not {value!r}"
        raise TypeError(message)
    return value


def _timedelta(field: str, seconds: float) -> datetime.timedelta:
    try:
        return datetime.timedelta(seconds=seconds)
    except OverflowError:
        message = f"{field} must be at most {datetime.timedelta.max.days:,} days, not {seconds!r} seconds"
        raise ValueError(message) from None
