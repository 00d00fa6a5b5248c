"""Types with parts: lists, sets, tuples and dictionaries."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox import collisions, values
from sandbox.errors import ValueRejected
from sandbox.types.value_type import ValueType, article, below, rejection, shown_key, step_to


class Sequence(ValueType):
    """`list[T]`, `set[T]`, `frozenset[T]`, `tuple[T, ...]`: any number of items of one type."""

    text = ""

    def __init__(self, kind: type, item: ValueType, *, bare: bool = False) -> None:
        self.text = f"{kind.__name__}[{item.text}{', ...' if kind is tuple else ''}]"
        self._kind = kind
        self._item = item
        # `list` is pickled by Flyte, and `list[Any]` is an array.
        self._is_array = kind is list and not bare

    @property
    def flyte_tag(self) -> str:
        return "Typed List" if self._is_array else super().flyte_tag

    def flyte_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": self._item.flyte_schema()} if self._is_array else super().flyte_schema()

    @property
    def plain(self) -> bool:
        """Whether both forms of a value are the same."""
        return self._item.plain

    def schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "array", "items": self._item.schema()}
        return schema | {"uniqueItems": True} if self._kind in (set, frozenset) else schema

    def take(self, value: Any, *, host: bool) -> Any:
        if not isinstance(value, list | tuple | set | frozenset) or not isinstance(value, self._kind):
            raise self.refuse(value)
        return self._gathered(_each(value, lambda item: self._item.take(item, host=host)))

    def read(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise rejection(f"is {article(type(value).__name__)}, not an array")
        items = _each(value, self._item.read)
        if self._kind in (set, frozenset):
            self._check_hashes(value, items)
        return self._gathered(items)

    def _check_hashes(self, value: list[Any], items: list[Any]) -> None:
        """Refuse JSON's items that would make a quadratic set; several that are written alike count once."""
        try:
            collisions.check_hashes(items, "", of_dict=False)
        except TypeError:
            return
        except ValueRejected:
            distinct = {values.encode(one): item for one, item in zip(value, items, strict=True)}
            collisions.check_hashes([*distinct.values()], "", of_dict=False)

    def _gathered(self, items: list[Any]) -> Any:
        if self._kind is list:
            return items
        try:
            return self._kind(items)
        except TypeError:
            raise rejection(f"holds something that a {self._kind.__name__} cannot hold") from None


class FixedTuple(ValueType):
    """`tuple[A, B]`: a type for each place."""

    text = ""

    def __init__(self, items: tuple[ValueType, ...]) -> None:
        self.text = f"tuple[{', '.join(item.text for item in items) or '()'}]"
        self._items = items

    @property
    def flyte_tag(self) -> str:
        return "Typed Tuple" if self._items else super().flyte_tag

    def flyte_schema(self) -> dict[str, Any]:
        if not self._items:
            return super().flyte_schema()
        items = {f"item_{at}": {"title": f"Item {at}", **item.schema()} for at, item in enumerate(self._items)}
        return {"type": "object", "properties": items, "required": [*items], "dataclass": "TupleWrapper_Tuple"}

    @property
    def plain(self) -> bool:
        """Whether both forms of a value are the same."""
        return all(item.plain for item in self._items)

    def schema(self) -> dict[str, Any]:
        count = len(self._items)
        schemas = [item.schema() for item in self._items]
        prefix: dict[str, Any] = {"prefixItems": schemas} if schemas else {}
        return {"type": "array", **prefix, "minItems": count, "maxItems": count}

    def take(self, value: Any, *, host: bool) -> Any:
        if not isinstance(value, tuple):
            raise self.refuse(value)
        return self._zipped(value, lambda kind, item: kind.take(item, host=host))

    def read(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise rejection(f"is {article(type(value).__name__)}, not an array")
        return self._zipped(value, lambda kind, item: kind.read(item))

    def _zipped(self, value: Iterable[Any], convert: Callable[[ValueType, Any], Any]) -> tuple[Any, ...]:
        items = [*value]
        if len(items) != len(self._items):
            raise rejection(f"has {len(items)} items; {self.text} has {len(self._items)}")
        pairs = zip(self._items, items, strict=True)
        return tuple(_each(pairs, lambda pair: convert(*pair)))


class Dictionary(ValueType):
    """`dict[K, V]`."""

    text = ""

    def __init__(self, key: ValueType, value: ValueType) -> None:
        self.text = f"dict[{key.text}, {value.text}]"
        self._key = key
        self._value = value

    @property
    def flyte_tag(self) -> str:
        return "Typed Dict"

    def flyte_schema(self) -> dict[str, Any]:
        # By text: a template that was pickled has types of its own.
        texts = self._key.text == "str"
        return {"type": "object", "additionalProperties": self._value.flyte_schema()} if texts else {"type": "object"}

    @property
    def plain(self) -> bool:
        """Whether both forms of a value are the same."""
        return self._key.plain and self._value.plain

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self._value.schema()}

    def take(self, value: Any, *, host: bool) -> Any:
        if not isinstance(value, dict):
            raise self.refuse(value)
        return self._mapped(
            value, lambda key: self._key.take(key, host=host), lambda item: self._value.take(item, host=host)
        )

    def read(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise rejection(f"is {article(type(value).__name__)}, not an object")
        return self._mapped(value, self._read_key, self._value.read)

    def _read_key(self, key: str) -> Any:
        """Read a name of a JSON object, which is text whatever the key's type is."""
        try:
            return self._key.read(key)
        except ValueRejected:
            if key.removeprefix("-").isdecimal() and key.isascii() and len(key) <= 4_300:
                return self._key.read(int(key))
            raise

    def _mapped(
        self, value: dict[Any, Any], convert_key: Callable[[Any], Any], convert: Callable[[Any], Any]
    ) -> dict[Any, Any]:
        keys: list[Any] = []
        items: list[Any] = []
        for key, item in value.items():
            try:
                keys.append(convert_key(key))
            except ValueRejected as error:
                raise rejection(f"has the key {shown_key(key)}, which {error.reason}") from None
            if not _is_hashable(keys[-1]):
                raise rejection(f"has the key {shown_key(key)}, which cannot be a key")
            try:
                items.append(convert(item))
            except ValueRejected as error:
                raise below(step_to(key), error) from None
        collisions.check_hashes(keys, "", of_dict=True)
        converted = dict(zip(keys, items, strict=True))
        if len(converted) != len(value):
            raise rejection("has two keys that become one")
        return converted


def _is_hashable(key: Any) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _each(items: Iterable[Any], convert: Callable[[Any], Any]) -> list[Any]:
    converted: list[Any] = []
    try:
        for item in items:
            converted.append(convert(item))
    except ValueRejected as error:
        raise below(f"[{len(converted)}]", error) from None
    return converted
