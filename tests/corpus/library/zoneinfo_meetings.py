from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

meeting = datetime(2026, 7, 1, 15, 0, tzinfo=ZoneInfo("Europe/Berlin"))
winter = datetime(2026, 1, 15, 15, 0, tzinfo=ZoneInfo("Europe/Berlin"))
places = ["America/New_York", "Asia/Tokyo", "Australia/Sydney", "Asia/Kolkata", "UTC"]
fold = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
failures = []
for key in ("Europe/Nowhere", "../../etc/passwd", "/etc/passwd"):
    try:
        ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError) as error:
        failures.append(type(error).__name__)
zones = available_timezones()
[
    {place: meeting.astimezone(ZoneInfo(place)).strftime("%a %H:%M %Z %z") for place in places},
    meeting.utcoffset() // timedelta(hours=1), winter.tzname(), meeting.astimezone(timezone.utc).isoformat(),
    [fold.utcoffset().total_seconds(), fold.replace(fold=1).utcoffset().total_seconds()], failures, len(zones) > 500, "Europe/Berlin" in zones,
    ZoneInfo("Europe/Paris") is ZoneInfo("Europe/Paris"), ZoneInfo.no_cache("Europe/Paris") is ZoneInfo("Europe/Paris"), str(ZoneInfo("Asia/Tokyo")), ZoneInfo("Asia/Tokyo").key, repr(ZoneInfo("UTC")),
    datetime(2045, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")).isoformat(), datetime.now(ZoneInfo("UTC")).tzinfo.key,
]
