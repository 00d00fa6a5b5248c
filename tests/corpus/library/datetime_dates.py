from datetime import date, datetime, time, timedelta, timezone

start = datetime(2026, 2, 27, 9, 30, tzinfo=timezone.utc)
berlin = timezone(timedelta(hours=1), "CET")
due = date(2026, 1, 31)
[
    (start + timedelta(days=3, hours=5)).isoformat(), start.astimezone(berlin).strftime("%Y-%m-%d %H:%M %Z"), start.weekday(), start.strftime("%A %d %B %y, week %V"),
    datetime.strptime("03/Mar/2026:14:05:06 +0200", "%d/%b/%Y:%H:%M:%S %z").isoformat(), (date(2026, 3, 1) - date(2026, 2, 1)).days, due.replace(month=3).isoformat(),
    datetime.fromisoformat("2026-03-01T12:00:00Z").timestamp(), date.fromisoformat("2026-12-31").timetuple().tm_yday, str(timedelta(seconds=93784)), timedelta(minutes=90).total_seconds(),
    datetime.combine(date(2026, 1, 1), time(8, 15)).isoformat(" ", "minutes"), list(date(2026, 1, 1).isocalendar()), datetime.fromtimestamp(0, timezone.utc).year, timedelta(days=1) / timedelta(hours=6), date(2026, 3, 1) > due,
    datetime(2026, 3, 1) == datetime(2026, 3, 1, 0, 0), min(date(2026, 5, 1), due).isoformat(), str(-timedelta(hours=1)), f"{start:%H:%M}",
]
