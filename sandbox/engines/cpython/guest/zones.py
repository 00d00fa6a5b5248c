"""Time zones: the rules of the package `tzdata`, which are part of the guest, in place of the files of a machine."""

import difflib
import io
import zoneinfo
from typing import IO, Any

import zone_rules

_LONGEST_KEY = 40
# Where the library asks for a zone's rules.
_common: Any = zoneinfo._common  # noqa: SLF001


def install() -> None:
    """Have `zoneinfo` read what was put into the guest when it was built."""
    zoneinfo.reset_tzpath(())
    _common.load_tzdata = _load


def available_timezones() -> set[str]:
    """`zoneinfo.available_timezones` of programs."""
    return set(zone_rules.PLACES)


def _load(key: str) -> IO[bytes]:
    place = zone_rules.PLACES.get(key)
    if place is None:
        raise _unknown(key)
    start, end = place
    return io.BytesIO(zone_rules.RULES[start:end])


def _unknown(key: str) -> zoneinfo.ZoneInfoNotFoundError:
    error = zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}")
    near = difflib.get_close_matches(key[:_LONGEST_KEY], zone_rules.PLACES, 1)
    error.hint = f'did you mean "{near[0]}"?' if near else "names are those of the tz database: Europe/Berlin"  # type: ignore[attr-defined] # read by the report
    return error
