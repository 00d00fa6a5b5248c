class Transaction:
    log = []

    def __init__(self, store):
        self._store = store
        self._saved = None

    def __enter__(self):
        self._saved = dict(self._store)
        Transaction.log.append("begin")
        return self._store

    def __exit__(self, kind, error, trace):
        if kind is None:
            Transaction.log.append("commit")
            return False
        self._store.clear()
        self._store.update(self._saved)
        Transaction.log.append(f"rollback: {error}")
        return issubclass(kind, ValueError)


store = {"a": 1}
with Transaction(store) as open_store:
    open_store["b"] = 2
with Transaction(store) as open_store:
    open_store["c"] = 3
    raise ValueError("no")
try:
    with Transaction(store):
        store.clear()
        raise KeyError("x")
except KeyError:
    Transaction.log.append("escaped")
[store, Transaction.log]
