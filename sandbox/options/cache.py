"""Whether, and for how long, a result may be given again instead of running once more."""

import datetime
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sandbox.options import checks

CacheBehavior = Literal["auto", "override", "disable"]
_BEHAVIORS = get_args(CacheBehavior)


@dataclass(frozen=True)
class Cache:
    """How results are kept.

    Raises:
        TypeError: a field has a value of another type.
        ValueError: `behavior` is none of the three, or a combination means nothing.
    """

    behavior: CacheBehavior
    """`auto`: the version is made from what runs. `override`: the version is `version_override`, and from what runs
    when that is None. `disable`: nothing is kept."""
    version_override: str | None = None
    """Stands for source, functions, engine and policy in the key: results stay until it changes."""
    serialize: bool = False
    """Whether of several equal runs at once only one runs, and the others wait for its result."""
    ignored_inputs: tuple[str, ...] | str = ()
    """Names of inputs that are not part of the key."""
    salt: str = ""
    """Part of the key: another salt is another set of results."""
    policies: Any = None
    """Always None: what runs here is a text with named functions, of which the version is made without a policy."""
    max_age: datetime.timedelta | float | None = None
    """How old a result may be, in seconds or as a timedelta; None and 0: any age."""

    def __post_init__(self) -> None:
        if self.behavior not in _BEHAVIORS:
            message = f"cache behavior must be one of {', '.join(map(repr, _BEHAVIORS))}, not {self.behavior!r}"
            raise ValueError(message)
        if self.version_override is not None:
            checks.text("Cache.version_override", self.version_override, longest=1_000)
        checks.flag("Cache.serialize", self.serialize)
        object.__setattr__(self, "ignored_inputs", _names(self.ignored_inputs))
        salt: object = self.salt
        if not isinstance(salt, str):
            message = f"Cache.salt must be a text, not {salt!r}"
            raise TypeError(message)
        if self.policies:
            message = "Cache.policies is not supported: the version is made from source, functions, engine and policy; "
            message += "for one of your own pass version_override"
            raise ValueError(message)
        object.__setattr__(self, "max_age", _age(self.max_age))

    @staticmethod
    def of(request: object) -> "Cache":
        """Return what a `cache=` parameter stands for.

        Raises:
            TypeError: it is neither a text nor a Cache.
            ValueError: it is no behavior.
        """
        if isinstance(request, Cache):
            return request
        if not isinstance(request, str):
            message = f"cache must be one of {', '.join(map(repr, _BEHAVIORS))} or a Cache, not {request!r}"
            raise TypeError(message)
        return Cache(request)  # type: ignore[arg-type]  # checked when it is made

    def is_enabled(self) -> bool:
        """Return whether anything is kept."""
        return self.behavior != "disable"


def _names(names: object) -> tuple[str, ...]:
    given = (names,) if isinstance(names, str) else names
    if not isinstance(given, tuple | list) or not all(isinstance(name, str) for name in given):
        message = f"Cache.ignored_inputs must be a name or a tuple of names, not {names!r}"
        raise TypeError(message)
    return tuple(given)


def _age(age: object) -> datetime.timedelta | None:
    if age is None:
        return None
    if isinstance(age, bool) or not isinstance(age, int | float | datetime.timedelta):
        message = f"Cache.max_age must be a number of seconds, a timedelta or None, not {age!r}"
        raise TypeError(message)
    return checks.duration("Cache.max_age", age) or None
