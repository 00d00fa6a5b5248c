"""A function refuses, and the program does not catch it: kind "function", with the call's line and its message."""


def pay_back(order_id, amount):
    return refund(order_id, amount, reason="broken")


first = pay_back(1004, 39.90)
print("first refund:", first)
pay_back(1004, 390.90)
