from datetime import datetime
from decimal import Decimal

n, f, s = 1234567, 3.14159, "abc"
when = datetime(2026, 3, 1, 14, 5, 9)
width, precision = 10, 3
print(f"{'Item':<10}{'Qty':>5}{'Price':>10}")
for order in orders[:2]:
    print(f"{order['sku']:<10}{order['quantity']:>5d}{order['price']:>10.2f}")
[
    f"{n:,}|{n:_}|{n:>12}|{n:<12}|{n:^12}|{n:012d}|{n:+}|{n:x}|{n:#X}|{n:o}|{n:b}|{n:e}", f"{f:.2f}|{f:8.3f}|{f:<8.1f}|{f:+.1f}|{f:g}|{f:%}|{f:.0f}|{-f:08.2f}", f"{s:>6}|{s:*^7}|{s:.2}|{s!r}|{s!a:>7}", f"{when:%Y-%m-%d}|{when:%H:%M:%S}|{when:%j}|{when:%I %p}",
    f"{f:{width}.{precision}}|{s:{'>'}{width}}", f"{Decimal('10.5'):.2f}|{True:d}|{None!s:>6}|{[1, 2]!s}", f"{n!r}|{'a' 'b'}|{{}}|{n:>{len(str(n)) + 2}}", f"{1e100:g}|{1234.5678:n}|{0.1 + 0.2:.17f}|{1/3:.3%}", f"{'é':>3}|{'日本':<4}|", f"{f=:.1f}|{n = :,}",
    f'{"quoted"}|{orders[0]["sku"]}|{max(o["price"] for o in orders):.1f}', f"""{
        n + 1
    }""", "{0:>5}|{1:<5}|{0}".format("a", "b"), "{name:^9}".format(name="mid"), "{:>{w}}".format(5, w=4), "{0[0]}{1[k]}".format([1], {"k": 2}), format(255, "#06x"), format(0.5, ".1%"), "%-5s|%5.1f|%+d|%%" % ("a", 2.25, 3), "%(a)s-%(b)03d" % {"a": 1, "b": 2},
]
