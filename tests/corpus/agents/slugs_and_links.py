import re

links = []
for ticket in search_tickets():
    slug = re.sub(r"[^a-z0-9]+", "-", ticket["subject"].lower()).strip("-")
    words = re.split(r"\s+", ticket["subject"])
    links.append({"url": f"/tickets/{ticket['id']:04d}/{slug}", "words": len(words), "code": bool(re.match(r"[A-Z]\w+ ", ticket["subject"]))})
links
