"""The names that a program starts with: builtins, guards, the functions of its whitelist, its inputs."""

import builtins
import random
from typing import Any

from sandbox import policy
from sandbox.engines.cpython.guest import attributes, facades, guards, owners, packages
from sandbox.engines.cpython.guest.mapping import make_map
from sandbox.engines.cpython.guest.turns import GIVEN_EXCEPTIONS, make_function, offer_exceptions

_DRAWING = frozenset({"random", "statistics"})


class Seeding:
    """Seeds `random` when a program first imports what uses it: that costs a tenth of a short program."""

    def __init__(self) -> None:
        self._seed: int | None = None

    def begin(self, seed: int, *, at_once: bool) -> None:
        """Set the seed of the program; `at_once` where its imports do not pass here."""
        self._seed = seed
        if at_once:
            self.before_import("random")

    def before_import(self, module: str) -> None:
        """Seed, if that has not been done yet and the module draws numbers."""
        if module in _DRAWING and self._seed is not None:
            random.seed(self._seed)
            self._seed = None


SEEDING = Seeding()
_BUILTINS: dict[str, Any] = {
    **{name: getattr(builtins, name) for name in policy.BUILTINS},
    **guards.GUARDED,
    "__build_class__": builtins.__build_class__,
    **GIVEN_EXCEPTIONS,
}
offer_exceptions(
    {name: kind for name, kind in _BUILTINS.items() if isinstance(kind, type) and issubclass(kind, Exception)}
)


def close() -> None:
    """Close the interpreter: what programs may import is as it will be, and nothing is imported later."""
    _BUILTINS["__import__"] = facades.importer(facades.build(), SEEDING.before_import)


def make(inputs: dict[str, Any], functions: list[list[Any]], *, guarded: bool = True) -> dict[str, Any]:
    """Return the namespace of one program; without the policy it has Python's own builtins, and imports anything."""
    namespace = {
        "__name__": owners.MODULE_NAME,
        "__builtins__": _BUILTINS if guarded else builtins,
        attributes.GETATTR: guards.read_attribute,
        attributes.WRITE: guards.writable,
        attributes.TYPE: type,
        attributes.STR: str,
        attributes.PLAIN: owners.PLAIN,
        attributes.TEXTS: guards.TEXTS,
        attributes.MODULES: packages.MODULE_TYPES,
        attributes.SHUT: guards.shut,
    }
    known = {name: make_function(name, is_async=is_async) for name, is_async, _ in functions}
    namespace["flyte_map"] = make_map(known, frozenset(name for name, _, is_task in functions if is_task))
    namespace.update(known)
    namespace.update(inputs)
    return namespace
