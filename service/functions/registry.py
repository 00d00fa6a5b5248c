"""The whitelist: name -> function. A name stands for one function, and for nothing else that a program knows."""

import difflib
import keyword
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping

from sandbox import policy
from sandbox.dispatch import HostFunction
from service.errors import FunctionNotAllowed, FunctionNotFound, listing
from service.operator_errors import FunctionAlreadyRegistered, FunctionNameTaken

BUILTIN_NAMES = frozenset((*policy.BUILTINS, *policy.GUARDED_BUILTINS, *policy.ABSENT_BUILTINS, *policy.GIVEN))


def refusal_of_name(name: str) -> str | None:
    """Return why a program could not use `name` for an input or a function of its own, or None."""
    if not name.isidentifier() or unicodedata.normalize("NFKC", name) != name:
        return "it is not an identifier: write letters, digits and underscores, a digit not first"
    if keyword.iskeyword(name):
        return "it is a keyword of Python"
    if name.startswith("__"):
        return "names that begin with two underscores are not available"
    if name in BUILTIN_NAMES:
        return "it would hide the builtin of that name"
    return None


class Registry(Mapping[str, HostFunction]):
    """The functions of a service, in the order in which they were registered."""

    def __init__(self, functions: Iterable[HostFunction] = ()) -> None:
        self._functions: dict[str, HostFunction] = {}
        self._beyond: frozenset[str] = frozenset()
        for function in functions:
            self._add(function)

    def only(self, names: Container[str]) -> "Registry":
        """Return a registry of the functions with these names, which refuses the others by name."""
        narrowed = Registry()
        narrowed._functions = {name: one for name, one in self._functions.items() if name in names}
        narrowed._beyond = self._beyond | self._functions.keys() - narrowed._functions.keys()
        return narrowed

    def __getitem__(self, name: str) -> HostFunction:
        return self._functions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)

    def find(self, name: str) -> HostFunction:
        """Return a function.

        Raises:
            FunctionNotAllowed: it is beyond these; the message lists them.
            FunctionNotFound: nothing is registered under this name; the message lists what is.
        """
        self.check_allowed(name)
        if name not in self._functions:
            raise FunctionNotFound(self._functions)
        return self._functions[name]

    def check_allowed(self, name: str) -> None:
        """Refuse a function that is registered, but not here.

        Raises:
            FunctionNotAllowed: it is one.
        """
        if name in self._beyond:
            raise FunctionNotAllowed(name, self._functions)

    def advice(self, name: str) -> str:
        """Return what to write instead of a name that is not registered."""
        near = difflib.get_close_matches(name[:100], self._functions, 1)
        guess = f'did you mean "{near[0]}"? ' if near else ""
        return f"{guess}registered: {listing(self._functions)}"

    def _add(self, function: HostFunction) -> None:
        refusal = refusal_of_name(function.name)
        if refusal is not None:
            raise FunctionNameTaken(function.name, refusal)
        if function.name in self._functions:
            raise FunctionAlreadyRegistered(function.name)
        self._functions[function.name] = function
