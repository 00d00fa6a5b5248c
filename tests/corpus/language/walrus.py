data = [3, 8, 1, 9, 4]
big = [half for x in data if (half := x / 2) > 1.5]
lines = iter(text.split("\n"))
lengths = []
while (line := next(lines, None)) is not None:
    lengths.append(len(line))
if (n := len(data)) > limit:
    note = f"{n} items, {n - limit} too many"
[big, lengths, note, half, any((found := x) % 9 == 0 for x in data), found]
