from datetime import date

name, pi, n, wide = "Ada", 3.14159265, 1234567.891, 12
rows = [("Mug", 12.5, 2), ("Teapot", 64, 1)]
table = "\n".join(f"{item:<8}|{price:>8.2f}|{count:^5}" for item, price, count in rows)
print(table)
[
    f"{name!r:>8} {name!s:*^9} {pi:.3f} {pi:8.1e} {n:,.2f} {n:_.0f}",
    f"{255:x} {255:#b} {255:08b} {-5:+d} {5:+d} {0.256:.1%} {1e10:g}",
    f"{name:>{wide}}|{pi:{wide}.{2}f}|",
    f"{date(2026, 3, 1):%d.%m.%Y} {date(2026, 3, 1)!r}",
    f"{{literal}} {name.upper() if n > 1 else name} {rows[0][0]} {({'a': 1})['a']}",
    f"{n=:.1f} {name = } {1 + 1=}",
    f"{'nested ' + f'{pi:.2f}'} {', '.join(f'{k}={v}' for k, v in {'a': 1}.items())}",
    "{:>6}|{:<6}|{:^6}".format("a", "b", "c") + "{0}{1}{0}".format("x", "y") + "{k:.1f}".format(k=2.25),
    "%s is %d years and %.1f%%" % ("Bob", 42, 99.5),
]
