from calendar import monthrange
from datetime import date, datetime, timedelta


def add_months(day, months):
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))


def business_days(start, end):
    return sum((start + timedelta(days=n)).weekday() < 5 for n in range((end - start).days))


start = date(2026, 1, 31)
quarters = {f"Q{q}": [d.isoformat() for d in (date(2026, 3 * q - 2, 1), add_months(date(2026, 3 * q - 2, 1), 3) - timedelta(days=1))] for q in range(1, 5)}
parsed = [datetime.strptime(s, f).date().isoformat() for s, f in [("1 Feb 2026", "%d %b %Y"), ("02/13/26", "%m/%d/%y"), ("2026-W07-3", "%G-W%V-%u"), ("20260301T1015", "%Y%m%dT%H%M")]]
age = lambda born, on: on.year - born.year - ((on.month, on.day) < (born.month, born.day))
[add_months(start, 1).isoformat(), add_months(start, 13).isoformat(), business_days(date(2026, 3, 2), date(2026, 3, 16)), quarters, parsed, age(date(2000, 3, 2), date(2026, 3, 1)), (datetime(2026, 3, 1, 12) - datetime(2026, 2, 28, 6, 30)).total_seconds() / 3600, timedelta(hours=30) // timedelta(days=1), str(timedelta(days=2, minutes=5)), date.max.year, datetime.min.isoformat()]
