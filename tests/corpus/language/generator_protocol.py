log = []


def averager():
    total, count, average = 0, 0, None
    while True:
        try:
            value = yield average
        except ValueError:
            total, count = 0, 0
            average = None
            continue
        if value is None:
            return [total, count]
        total += value
        count += 1
        average = total / count


def delegating(results):
    while True:
        results.append((yield from averager()))


def closing():
    try:
        yield 1
        yield 2
    finally:
        log.append("closed")


g = averager()
next(g)
seen = [g.send(10), g.send(20), g.throw(ValueError), g.send(4)]
results = []
d = delegating(results)
next(d)
for value in [1, 2, None, 5, None]:
    d.send(value)
c = closing()
next(c)
c.close()
lazy = (n * n for n in range(10 ** 9))
try:
    g.send(None)
except StopIteration as stop:
    returned = stop.value
[seen, results, log, [next(lazy), next(lazy), next(lazy)], returned, list(closing()), log]
