def price_or_default(sku, default=1.0):
    try:
        return get_price(sku)
    except KeyError:
        return default


def user_or_none(user_id):
    try:
        return get_user(user_id)
    except LookupError as error:
        print("missing:", error)


def reserve_less(sku, quantity):
    while quantity:
        try:
            return [reserve(sku, quantity), quantity]
        except FunctionError as error:
            assert error.type == "OutOfStock"
            quantity -= 2
    return [None, 0]


[price_or_default("TEA"), price_or_default("NOPE"), user_or_none(42), user_or_none(3)["team"], reserve_less("POT", 8)]
