def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start:start + size]


def countdown(n):
    while n:
        received = yield n
        n = received if received is not None else n - 1


def flatten(nested):
    for item in nested:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item


gen = countdown(5)
seen = [next(gen), gen.send(3), next(gen), next(gen)]
try:
    next(gen)
except StopIteration:
    seen.append("done")
[list(chunks(list(range(7)), 3)), seen, list(flatten([1, [2, [3, [4]], 5]])), sum(x * x for x in range(10) if x % 2)]
