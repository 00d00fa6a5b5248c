import re

LOG = """2026-03-01 12:00:01 ERROR [db] timeout after 30s
2026-03-01 12:00:02 INFO [web] served 200
2026-03-01 12:00:03 ERROR [web] failed 503"""
pattern = re.compile(r"^(?P<day>\S+) (?P<time>\S+) (?P<level>[A-Z]+) \[(?P<part>\w+)\] (?P<rest>.*)$", re.MULTILINE)
errors = [m.groupdict() for m in pattern.finditer(LOG) if m["level"] == "ERROR"]
emails = re.findall(r"[\w.]+@[\w.]+\.\w+", "ada@example.com, bob.s@mail.example.org; nobody@")
[
    [e["part"] for e in errors], errors[0]["rest"], emails, re.sub(r"(\d+)s", lambda m: f"{int(m[1]) * 1000}ms", "30s and 5s"),
    re.split(r"[,;]\s*", "a, b;c"), bool(re.fullmatch(r"\d{3}-\d{4}", "555-1234")), re.escape("a.b*c"),
    re.match(r"(?i)hello\s+(?=w)", "HELLO world").group(), list(re.subn("a", "b", "banana")), list(re.search(r"(?<=\$)\d+", "cost $42").span()),
]
