wanted = [("MUG", 2), ("TEA", 9), ("POT", 1)]
reserved, backorders = [], []
for sku, quantity in wanted:
    try:
        reserved.append(reserve(sku, quantity))
    except Exception as e:
        available = min(quantity, 5)
        reserved.append(reserve(sku, available))
        backorders.append({"sku": sku, "missing": quantity - available, "reason": str(e)})

{"reserved": reserved, "backorders": backorders}
