"""A program that fails: the answer says which line it was, and which name was probably meant."""

customer = find_customer("ada@example.com")
orders = list_order(customer["id"])
len(orders)
