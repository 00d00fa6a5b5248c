def make_counter(start=0):
    count = start

    def increment(by=1):
        nonlocal count
        count += by
        return count

    def reset():
        nonlocal count
        count = start

    return increment, reset


total = 0


def add(n):
    global total
    total += n


inc, reset = make_counter(10)
first = [inc(), inc(5)]
reset()
for i in range(4):
    add(i)
adders = [lambda x, n=n: x + n for n in range(3)]
late = [lambda: n for n in range(3)]
[first, inc(), total, [f(10) for f in adders], [f() for f in late]]
