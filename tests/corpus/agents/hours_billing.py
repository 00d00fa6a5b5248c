RATE = 85.5
tickets = search_tickets()
billable = [t for t in tickets if t["status"] in ("open", "closed") and t["hours"] >= 0.25]
per_customer = {}
for t in billable:
    per_customer[t["customer"]] = per_customer.get(t["customer"], 0) + t["hours"]
invoices = []
for customer, hours in sorted(per_customer.items()):
    quarters = -(-hours // 0.25) * 0.25
    amount = quarters * RATE
    invoices.append({"customer": customer, "hours": quarters, "amount": round(amount, 2), "usd": convert(amount, "EUR", "USD")})
    print("%-6s %6.2f h %9.2f EUR" % (customer, quarters, amount))
{"invoices": invoices, "total": round(sum(i["amount"] for i in invoices), 2)}
