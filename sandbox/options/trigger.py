"""When a template is to run by itself."""

import datetime
import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.advice import advising
from sandbox.options import checks

_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
    ("day of week", 0, 7, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")),
)
_PART = re.compile(r"(?:\*|(?P<first>\w{1,3})(?:-(?P<last>\w{1,3}))?)(?:/(?P<step>\d{1,2}))?")


class _TriggerTime:
    """Stands for the time of a trigger, as the value of an input."""

    def __repr__(self) -> str:
        return "TriggerTime"

    def __reduce__(self) -> str:
        """Stay the one that there is, also in a pickle."""
        return "TriggerTime"


TriggerTime = _TriggerTime()


@advising
@dataclass(frozen=True)
class Cron:
    """Times of the clock: `Cron("0 9 * * 1")` is Mondays at nine.

    Raises:
        TypeError: the expression is no text.
        ValueError: it does not have five fields that can be read, or the time zone is not known.
    """

    expression: str
    """Minute, hour, day of month, month, day of week."""
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        parts = checks.text("Cron.expression", self.expression).split()
        if len(parts) != len(_FIELDS):
            message = f"Cron.expression must have five fields, minute hour day month weekday, not {self.expression!r}"
            raise ValueError(message)
        for part, (name, lowest, highest, names) in zip(parts, _FIELDS, strict=True):
            if not all(_fits(piece, lowest, highest, names) for piece in part.split(",")):
                message = f"Cron.expression must have a {name} from {lowest} to {highest} or *, not {part!r}"
                raise ValueError(message)
        try:
            zoneinfo.ZoneInfo(checks.text("Cron.timezone", self.timezone))
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            message = f"Cron.timezone must be the name of a time zone, as in 'Europe/Berlin', not {self.timezone!r}"
            raise ValueError(message) from None


@advising
@dataclass(frozen=True)
class FixedRate:
    """Every so many minutes.

    Raises:
        TypeError: `start_time` is no datetime.
        ValueError: `interval_minutes` is no whole number of at least 1.
    """

    interval_minutes: int
    start_time: datetime.datetime | None = None
    """When the first run is; by default an interval after it was set up."""

    def __post_init__(self) -> None:
        checks.whole_number("FixedRate.interval_minutes", self.interval_minutes, least=1)
        start: object = self.start_time
        if start is not None and not isinstance(start, datetime.datetime):
            message = f"FixedRate.start_time must be a datetime or None, not {start!r}"
            raise TypeError(message)


@advising
@dataclass(frozen=True)
class Trigger:
    """A schedule with the inputs of its runs.

    Raises:
        TypeError: a field has a value of another type.
        ValueError: a value is out of bounds.
    """

    name: str
    automation: Cron | FixedRate | None = None
    """None: it is set off by hand."""
    description: str = ""
    """At most 255 characters."""
    auto_activate: bool = True
    inputs: Mapping[str, Any] | None = None
    """Values of inputs; `TriggerTime` stands for the time at which it was due."""

    def __post_init__(self) -> None:
        checks.text("Trigger.name", self.name)
        checks.flag("Trigger.auto_activate", self.auto_activate)
        if self.description:
            checks.text("Trigger.description", self.description, longest=255)
        automation: object = self.automation
        if automation is not None and not isinstance(automation, Cron | FixedRate):
            message = f"Trigger.automation must be a Cron, a FixedRate or None, not {automation!r}"
            raise TypeError(message)
        inputs: object = self.inputs
        if inputs is not None and not (isinstance(inputs, Mapping) and all(isinstance(key, str) for key in inputs)):
            message = f"Trigger.inputs must be a dictionary from names to values, not {inputs!r}"
            raise TypeError(message)
        if automation is None and TriggerTime in (self.inputs or {}).values():
            message = (
                "Trigger.inputs must not have TriggerTime without an automation: there is no time at which it is due"
            )
            raise ValueError(message)

    @classmethod
    def minutely(cls, trigger_time_input_key: str | None = None, *, name: str = "minutely", **fields: Any) -> "Trigger":
        """Return a trigger for every minute; the named input gets the time at which it is due."""
        return cls._at("* * * * *", trigger_time_input_key, name, fields)

    @classmethod
    def hourly(cls, trigger_time_input_key: str | None = None, *, name: str = "hourly", **fields: Any) -> "Trigger":
        """Return a trigger for every full hour."""
        return cls._at("0 * * * *", trigger_time_input_key, name, fields)

    @classmethod
    def daily(cls, trigger_time_input_key: str | None = None, *, name: str = "daily", **fields: Any) -> "Trigger":
        """Return a trigger for every midnight."""
        return cls._at("0 0 * * *", trigger_time_input_key, name, fields)

    @classmethod
    def weekly(cls, trigger_time_input_key: str | None = None, *, name: str = "weekly", **fields: Any) -> "Trigger":
        """Return a trigger for midnight of every Sunday."""
        return cls._at("0 0 * * 0", trigger_time_input_key, name, fields)

    @classmethod
    def monthly(cls, trigger_time_input_key: str | None = None, *, name: str = "monthly", **fields: Any) -> "Trigger":
        """Return a trigger for midnight of the first of every month."""
        return cls._at("0 0 1 * *", trigger_time_input_key, name, fields)

    @classmethod
    def _at(cls, expression: str, key: str | None, name: str, fields: dict[str, Any]) -> "Trigger":
        due = {} if key is None else {key: TriggerTime}
        inputs = {**due, **(fields.pop("inputs", None) or {})}
        return cls(name=name, automation=Cron(expression), inputs=inputs, **fields)


def _fits(piece: str, lowest: int, highest: int, names: tuple[str, ...]) -> bool:
    match = _PART.fullmatch(piece)
    if match is None or match["step"] in ("0", "00"):
        return False
    ends = [_number(end, lowest, names) for end in (match["first"], match["last"]) if end is not None]
    return all(lowest <= end <= highest for end in ends) and ends == sorted(ends)


def _number(text: str, lowest: int, names: tuple[str, ...]) -> int:
    if text.isdecimal():
        return int(text)
    return names.index(text.upper()) + lowest if text.upper() in names else -1
