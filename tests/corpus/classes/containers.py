class Bag:
    def __init__(self, *items):
        self._items = list(items)

    def __len__(self):
        return len(self._items)

    def __contains__(self, item):
        return item in self._items

    def __getitem__(self, key):
        if isinstance(key, slice):
            return Bag(*self._items[key])
        return self._items[key]

    def __setitem__(self, key, value):
        self._items[key] = value

    def __delitem__(self, key):
        del self._items[key]

    def __reversed__(self):
        return reversed(self._items)

    def __call__(self, *more):
        self._items.extend(more)
        return self

    def __repr__(self):
        return f"Bag{tuple(self._items)}"


class Defaults(dict):
    def __missing__(self, key):
        self[key] = value = f"<{key}>"
        return value


class Recorder:
    def __init__(self):
        self.seen = []

    def __getattr__(self, name):
        def method(*args):
            self.seen.append([name, list(args)])
            return self
        return method


bag = Bag(1, 2, 3)
bag[0] = 10
bag(4, 5)
del bag[1]
defaults = Defaults(a=1)
recorder = Recorder().open("x").send(1, 2)
[repr(bag), len(bag), 3 in bag, repr(bag[1:]), list(reversed(bag)), [x for x in bag], defaults["a"], defaults["b"], len(defaults), recorder.seen, max(bag)]
