from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, getcontext, localcontext

prices = [Decimal("19.99"), Decimal("5.01"), Decimal("0.10")]
total = sum(prices, Decimal(0))
tax = (total * Decimal("0.19")).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
with localcontext() as context:
    context.prec = 6
    third = Decimal(1) / 3
try:
    Decimal("abc")
except InvalidOperation as error:
    failed = type(error).__name__
[str(total), str(tax), str(third), failed, getcontext().prec, str(Decimal("1E+3").normalize()), f"{Decimal('1234.5'):,.2f}", Decimal("0.1") + Decimal("0.2") == Decimal("0.3"), list(Decimal("-1.25").as_tuple().digits), str(Context(prec=3).create_decimal("3.14159")), str(max(prices)), str(round(Decimal("2.675"), 2))]
