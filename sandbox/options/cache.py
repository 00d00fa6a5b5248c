"""Whether, and for how long, a result may be given again instead of running once more."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args, runtime_checkable

from sandbox.advice import advising
from sandbox.options import checks

CacheBehavior = Literal["auto", "override", "disable"]
_BEHAVIORS = get_args(CacheBehavior)


@dataclass(frozen=True)
class VersionParameters:
    """What a policy makes a version of, as Flyte has it."""

    func: Callable[..., Any] | None
    """The template's function; of a code template one that refuses to be called."""
    image: Any = None
    code_bundle: Any = None
    """Always None."""


@runtime_checkable
class CachePolicy(Protocol):
    """Makes a version of something that is not seen here: a commit, a table, a day."""

    def get_version(self, salt: str, params: VersionParameters) -> str:
        """Return the version: where it is another one, so are the results."""


@advising
@dataclass(frozen=True)
class Cache:
    """How results are kept.

    Raises:
        TypeError: a field has a value of another type.
        ValueError: `behavior` is none of the three, or a combination means nothing.
    """

    behavior: CacheBehavior
    """`auto`: what is kept is given again, else computed and kept. `override`: it is computed in any case, and kept
    instead of what is there; that is what Flyte's local runs do. `disable`: nothing is kept."""
    version_override: str | None = None
    """Stands for source, functions, engine, limits and language policy in the key: results stay until it changes, and
    belong to the template's name."""
    serialize: bool = False
    """Whether of several equal runs at once only one runs, and the others wait for its result."""
    ignored_inputs: tuple[str, ...] | str = ()
    """Names of inputs that are not part of the key."""
    salt: str = ""
    """Part of the key: another salt is another set of results."""
    policies: Any = None
    """One or several `CachePolicy`, asked when the template is made. What they return is part of the key beside what
    runs; in Flyte it takes its place, so that two sources may share results."""
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
        object.__setattr__(self, "policies", _policies(self.policies))
        if self.policies is not None and self.version_override is not None:
            message = "Cache.version_override and Cache.policies were both given, and each makes the version: pass one"
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

    def is_fresh(self, age_seconds: float) -> bool:
        """Return whether a result of this age may be given again."""
        return not isinstance(self.max_age, datetime.timedelta) or age_seconds <= self.max_age.total_seconds()

    def versions(self, func: Callable[..., Any] | None, image: Any) -> tuple[str, ...]:
        """Return what the policies say; raises what they raise.

        Raises:
            TypeError: one returned something else than a text.
        """
        params = VersionParameters(func=func, image=image)
        made = tuple(policy.get_version(self.salt, params) for policy in self.policies or ())
        if not all(isinstance(version, str) for version in made):
            message = f"a policy of Cache.policies must return a text as version, not {made!r}"
            raise TypeError(message)
        return made


def _policies(policies: object) -> tuple[CachePolicy, ...] | None:
    given = tuple(policies) if isinstance(policies, list | tuple) else () if policies is None else (policies,)
    for policy in given:
        if not isinstance(policy, CachePolicy):
            message = "Cache.policies must be a CachePolicy or a list of them, with get_version(salt, params), not "
            raise TypeError(message + repr(policy))
    return given or None


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
