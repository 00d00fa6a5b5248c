import functools


def retry(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(1, times + 1):
                try:
                    return function(*args, attempt=attempt, **kwargs)
                except RuntimeError as error:
                    print(f"{function.__name__} attempt {attempt}: {error}")
            return None
        return wrapper
    return decorate


def traced(function):
    calls = []

    @functools.wraps(function)
    def inner(*args):
        calls.append(args)
        return function(*args)

    inner.calls = calls
    return inner


@retry(times=3)
def unstable(value, attempt):
    """Fails twice."""
    if attempt < 3:
        raise RuntimeError("not yet")
    return value * attempt


@traced
def add(a, b):
    return a + b


add(1, 2), add(3, 4)
[unstable(7), unstable.__name__, unstable.__doc__, [list(c) for c in add.calls]]
