"""Time zones: the rules of the package `tzdata`, which are part of the guest, in place of the files of a machine."""

import io
import zoneinfo
from typing import IO, Any

import zone_rules

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
        raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}")
    start, end = place
    return io.BytesIO(zone_rules.RULES[start:end])
