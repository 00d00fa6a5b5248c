"""A comprehension with formatting: an invoice as text, sent by e-mail."""

customer = find_customer(email)
items = [item for order in list_orders(customer["id"], status="paid") for item in order["items"]]

lines = [f"{i['quantity']:>3} x {i['name']:<20} {i['quantity'] * i['price']:>9,.2f}" for i in items]
total = sum(i["quantity"] * i["price"] for i in items)
lines.append(f"{'':>6}{'Total':<20} {total:>9,.2f}")
text = "\n".join(lines)

print(text)
send_email(to=customer["email"], subject=f"Your invoice: {total:.2f} EUR", body=text)
