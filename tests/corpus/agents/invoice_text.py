customer = "ada"
lines = [o for o in list_orders(customer) if o["status"] != "void"]
width = max(len(line["sku"]) for line in lines)

body = [f"Invoice for {customer.title()}", "=" * 24]
for line in lines:
    amount = line["quantity"] * line["price"]
    body.append(f"{line['sku']:<5}{line['quantity']:>4} x {line['price']:>6.2f} = {amount:>8.2f}")
net = sum(line["quantity"] * line["price"] for line in lines)
tax = round(net * 0.19, 2)
body.append("-" * 24)
body.append(f"{'net':<10}{net:>10.2f}")
body.append(f"{'tax':<10}{tax:>10.2f}")
body.append(f"{'total':<10}{net + tax:>10.2f}")
text = "\n".join(body)
print(text)
send(f"{customer}@example.com", f"Invoice: {net + tax:.2f} EUR")
