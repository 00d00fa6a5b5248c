grade = lambda s: "A" if s >= 90 else "B" if s >= 80 else "C"
value = None
name = value or "default"
empty = [] and "never"
flag = not [] and (1 or 1 / 0)
x = y = [1]
y.append(2)
chained = 1 < 2 <= 2 != 3
[[grade(s) for s in (95, 85, 70)], name, empty, flag, x, chained, None is None, [] is not [], 0 or "" or None or "last", "a" and "b", bool(0.0), (1 if True else 2) + 1, 5 if [] else 6]
