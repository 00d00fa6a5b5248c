import calendar
from datetime import date

calendar.setfirstweekday(calendar.MONDAY)
fridays = [week[calendar.FRIDAY] for week in calendar.monthcalendar(2026, 3) if week[calendar.FRIDAY]]
print(calendar.month(2026, 2))
[list(map(int, calendar.monthrange(2026, 2))), fridays, calendar.isleap(2028), calendar.day_name[date(2026, 3, 1).weekday()], calendar.month_abbr[3], calendar.timegm((2026, 1, 1, 0, 0, 0)), list(calendar.Calendar().itermonthdays(2026, 2))[-3:], calendar.TextCalendar().formatmonth(2026, 3).count("\n")]
