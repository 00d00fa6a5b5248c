from dataclasses import asdict, dataclass, replace
from typing import Callable, Generic, Iterator, Protocol, TypeVar


class HasId(Protocol):
    id: int


T = TypeVar("T", bound=HasId)


class Repository(Generic[T]):
    def __init__(self) -> None:
        self._rows: dict[int, T] = {}
        self._listeners: list[Callable[[T], None]] = []

    def add(self, row: T) -> T:
        if row.id in self._rows:
            raise ValueError(f"duplicate id {row.id}")
        self._rows[row.id] = row
        for listener in self._listeners:
            listener(row)
        return row

    def update(self, id: int, **changes) -> T:
        self._rows[id] = replace(self._rows[id], **changes)
        return self._rows[id]

    def __iter__(self) -> Iterator[T]:
        yield from self._rows.values()

    def on_add(self, listener):
        self._listeners.append(listener)


@dataclass(frozen=True)
class Order:
    id: int
    sku: str
    quantity: int = 1


repository: Repository[Order] = Repository()
added = []
repository.on_add(lambda o: added.append(o.sku))
for o in orders:
    repository.add(Order(o["id"], o["sku"], o["quantity"]))
repository.update(2, quantity=99)
try:
    repository.add(Order(1, "X"))
except ValueError as error:
    message = str(error)
[[asdict(o) for o in repository][1], added, message]
