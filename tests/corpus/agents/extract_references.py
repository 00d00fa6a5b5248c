import re

found = {}
for ticket in search_tickets():
    subject = ticket["subject"]
    invoice = re.search(r"#(\d+)", subject)
    error = re.search(r"\bE-(\d+)\b", subject)
    order = re.findall(r"\d-\d{4}", subject)
    if invoice:
        found[ticket["id"]] = {"invoice": int(invoice.group(1))}
    elif error:
        found[ticket["id"]] = {"error": error.group(0)}
    elif order:
        found[ticket["id"]] = {"orders": order}

[{"ticket": key, **value} for key, value in found.items()]
