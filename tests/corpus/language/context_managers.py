from contextlib import ExitStack, contextmanager, suppress

log = []


class Step:
    def __init__(self, name, swallow=False):
        self.name = name
        self.swallow = swallow

    def __enter__(self):
        log.append(f"enter {self.name}")
        return self

    def __exit__(self, exc_type, exc, tb):
        log.append(f"exit {self.name} {exc_type.__name__ if exc_type else None}")
        return self.swallow


@contextmanager
def tagged(name):
    log.append(f"<{name}>")
    try:
        yield name.upper()
    finally:
        log.append(f"</{name}>")


with Step("a") as a, Step("b", swallow=True):
    raise ValueError("inside")
with tagged("x") as x, suppress(KeyError):
    {}[x]
with ExitStack() as stack:
    names = [stack.enter_context(tagged(n)) for n in ("p", "q")]
    stack.callback(log.append, "callback")
[log, x, names, a.name]
