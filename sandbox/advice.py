"""Suggestions for misspelt names: what somebody probably meant, as in `did you mean 'x'?`."""

import difflib
import functools
import inspect
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

_T = TypeVar("_T")
# A shorter beginning says too little of what was meant.
_LONG_ENOUGH = 3


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return which of some names somebody meant: one that begins with what was written, else the most similar."""
    listed = [*known]
    longer = [one for one in listed if len(name) >= _LONG_ENOUGH and one.startswith(name)]
    return next(iter(difflib.get_close_matches(name, longer or listed, 1, 0 if longer else 0.6)), None)


def advice(name: str, known: Iterable[str]) -> str:
    """Return what to write instead of a parameter that there is not."""
    public = sorted(one for one in known if not one.startswith("_"))
    near = nearest(name, public)
    return f"did you mean {near!r}?" if near else f"parameters: {', '.join(public)}"


def check_names(what: str, parameters: Iterable[str], known: Collection[str]) -> None:
    """Refuse the first parameter that there is not, with what was probably meant.

    Raises:
        TypeError: there is one.
    """
    for name in parameters:
        if name not in known:
            raise TypeError(f"{what} got an unexpected parameter {name!r}; {advice(name, known)}")


def advising(cls: type[_T]) -> type[_T]:
    """Have a class refuse a parameter that it does not have with what was probably meant."""
    return advising_but()(cls)


def advising_but(*others: str) -> Callable[[type[_T]], type[_T]]:
    """Return `advising` for a class that has something of its own to say of some parameters that it does not have."""

    def advise(cls: type[_T]) -> type[_T]:
        signature = inspect.signature(cls).parameters.values()
        known = [one.name for one in signature if one.kind is not inspect.Parameter.VAR_KEYWORD]
        initialise: Callable[..., None] = cls.__init__

        @functools.wraps(initialise)
        def checked(self: Any, *arguments: Any, **parameters: Any) -> None:
            check_names(f"{cls.__name__}()", [one for one in parameters if one not in others], known)
            initialise(self, *arguments, **parameters)

        cls.__init__ = checked  # type: ignore[method-assign]  # that is what it does
        return cls

    return advise
