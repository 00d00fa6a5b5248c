class Query:
    def __init__(self, rows):
        self._rows = list(rows)
        self._filters = []
        self._order = None
        self._limit = None

    def where(self, **equal):
        self._filters.append(lambda r: all(r[k] == v for k, v in equal.items()))
        return self

    def filter(self, predicate):
        self._filters.append(predicate)
        return self

    def order_by(self, key, descending=False):
        self._order = (key, descending)
        return self

    def limit(self, n):
        self._limit = n
        return self

    def __iter__(self):
        rows = [r for r in self._rows if all(f(r) for f in self._filters)]
        if self._order:
            key, descending = self._order
            rows.sort(key=lambda r: r[key], reverse=descending)
        return iter(rows[: self._limit])

    def values(self, *keys):
        return [[r[k] for k in keys] if len(keys) > 1 else r[keys[0]] for r in self]


[Query(orders).where(customer="ada").values("id"), Query(orders).filter(lambda o: o["price"] < 20).order_by("quantity", descending=True).limit(2).values("sku", "quantity"), len(list(Query(orders)))]
