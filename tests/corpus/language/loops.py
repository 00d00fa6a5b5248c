found = []
for n in range(2, 30):
    for divisor in range(2, int(n ** 0.5) + 1):
        if n % divisor == 0:
            break
    else:
        found.append(n)
index, total = 0, 0
while True:
    index += 1
    if index % 2:
        continue
    total += index
    if index > 9:
        break
else:
    total = -1
while index:
    index -= 1
else:
    ended = "else"
pairs = []
for i, (a, b) in enumerate(zip("xy", [1, 2]), start=1):
    pairs.append([i, a, b])
for pairs[0][0], last in [(7, 1), (9, 2)]:
    pass
[found, total, ended, pairs, last, [k + str(v) for k, v in {"a": 1, "b": 2}.items()], list(reversed(range(0, 10, 3)))]
