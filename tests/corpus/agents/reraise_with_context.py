def price_of(sku):
    try:
        return get_price(sku)
    except KeyError:
        raise ValueError(f"no price for {sku!r}") from None


lines, failed = [], []
for sku, quantity in [("MUG", 3), ("LAMP", 1), ("TEA", 2)]:
    try:
        unit = price_of(sku)
    except ValueError as error:
        failed.append(str(error))
    else:
        lines.append((sku, quantity, unit * quantity))
    finally:
        print("checked", sku)

total = sum(amount for _, _, amount in lines)
{"lines": [list(line) for line in lines], "total": round(total, 2), "failed": failed}
