counter = 0
cache = {}
history: list[int] = []


def count(step=1):
    global counter
    counter += step
    history.append(counter)
    return counter


def remember(key, *, store=cache):
    store[key] = store.get(key, 0) + 1
    return store[key]


def defaults(item, bucket=[]):
    bucket.append(item)
    return len(bucket)


def fresh(item, bucket=None):
    bucket = [] if bucket is None else bucket
    bucket.append(item)
    return bucket


[count(), count(5), [remember(k) for k in "aba"], [defaults(x) for x in "abc"], fresh(1), fresh(2), counter, history, cache]
