import weakref


class Cached:
    def __init__(self, key):
        self.key = key


cache = weakref.WeakValueDictionary()
first = Cached("a")
cache["a"] = first
reference = weakref.ref(first)
proxy = weakref.proxy(first)
notes = []
weakref.finalize(first, notes.append, "gone")
alive = [cache["a"].key, reference() is first, proxy.key, len(cache)]
extra = weakref.WeakKeyDictionary({first: 5})
members = weakref.WeakSet([first])
alive += [extra[first], first in members]
del first
[alive, reference() is None, "a" in cache, notes, len(extra), len(members)]
