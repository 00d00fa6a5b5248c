"""Secrets of a run: looked up on the host when it starts, read by the functions that it calls, never sent to a guest.

A function reads them with `current_secrets()`. They are not put into `os.environ`, where the functions of other runs
would find them. What a function raises crosses to the guest, so the texts of secrets are masked in it.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from sandbox.errors import HostError
from sandbox.options import Secret

Resolver = Callable[[Secret], str | None]
"""Returns what a secret holds, None when there is no such secret; called on a thread."""

MASK = "***"
_MOST_CAUSES = 20


class SecretMissing(HostError):
    """A secret that a run needs is not there; nothing of the run was started.

    Attributes:
        key: the secret's name in the store.
    """

    code = "secret_missing"

    def __init__(self, secret: Secret, way_out: str) -> None:
        super().__init__(f"the secret {_shown(secret)} is not there: {way_out}")
        self.key = secret.key


class RunSecrets(Mapping[str, str]):
    """What the secrets of one run hold, by `as_env_var`, or by key for one that is a file in Flyte; read-only.

    Neither its text nor a pickle of it shows what they hold.
    """

    __slots__ = ("_held", "_texts")

    def __init__(self, held: Mapping[str, str]) -> None:
        self._held = dict(held)
        # The longest first, so that none is left over that another one is a part of. Written in an error, a text
        # often stands as Python writes it.
        texts = {text for value in held.values() for text in (value, repr(value)[1:-1]) if text}
        self._texts = tuple(sorted(texts, key=len, reverse=True))

    def __getitem__(self, name: str) -> str:
        """Return what a secret holds.

        Raises:
            KeyError: the run has no such secret; the message says where to name it.
        """
        if name not in self._held:
            message = f"{name} is no secret of this run: name it under secrets="
            raise KeyError(message)
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __repr__(self) -> str:
        return f"RunSecrets({', '.join(self._held)})"

    def __reduce__(self) -> NoReturn:
        message = "the secrets of a run cannot be pickled: hand over what needs them instead"
        raise TypeError(message)

    def masked(self, value: Any) -> Any:
        """Return a value with every text of a secret in it replaced, also inside of lists and dictionaries."""
        if not self._texts:
            return value
        match value:
            case str():
                for text in self._texts:
                    value = value.replace(text, MASK)
                return value
            case bytes():
                for text in self._texts:
                    value = value.replace(text.encode(), MASK.encode())
                return value
            case dict():
                return {self.masked(key): self.masked(one) for key, one in value.items()}
            case list() | tuple() | set() | frozenset():
                return type(value)(self.masked(one) for one in value)
        return value

    def are_told_by(self, error: BaseException | None) -> bool:
        """Say whether an exception, or one that it came from, holds the text of a secret."""
        for _ in range(_MOST_CAUSES if self._texts else 0):
            if error is None:
                return False
            if any(text in told for told in _texts_of(error) for text in self._texts):
                return True
            error = error.__cause__ or error.__context__
        return bool(self._texts)


NO_SECRETS = RunSecrets({})
_CURRENT: ContextVar[RunSecrets] = ContextVar("_CURRENT", default=NO_SECRETS)


def current_secrets() -> RunSecrets:
    """Return the secrets of the run that called this function; empty where no run did.

    A run has those that its template and the functions of its whitelist name: `current_secrets()["API_KEY"]`.
    """
    return _CURRENT.get()


def of_host(secret: Secret) -> str | None:
    """Return what this process's environment holds under `as_env_var`, or the file at `mount`: Flyte's places."""
    if secret.as_env_var is not None:
        return os.environ.get(secret.as_env_var)
    path = _path_of(secret)
    return path.read_text(encoding="utf-8") if path.is_file() else None


_RESOLVER: ContextVar[Resolver] = ContextVar("_RESOLVER", default=of_host)


@contextlib.contextmanager
def secrets_from(resolver: Resolver) -> Iterator[None]:
    """Have the runs that are started in this block ask `resolver` for their secrets: a vault, say, instead of the host.

    with secrets_from(lambda secret: vault.read(secret.group, secret.key)):
        template(...)
    """
    token = _RESOLVER.set(resolver)
    try:
        yield
    finally:
        _RESOLVER.reset(token)


async def resolved(secrets: Iterable[Secret], *, beside: Mapping[str, str] = MappingProxyType({})) -> RunSecrets:
    """Return what secrets hold, with those that are there already.

    Raises:
        SecretMissing: there is none of that name, or what asks for it failed.
    """
    wanted = tuple(dict.fromkeys(secrets))
    if not wanted:
        return beside if isinstance(beside, RunSecrets) else NO_SECRETS
    resolver = _RESOLVER.get()
    found = await asyncio.to_thread(lambda: {_name_of(one): _resolve(resolver, one) for one in wanted})
    return RunSecrets({**beside, **found})


@contextlib.contextmanager
def handed_over(secrets: RunSecrets) -> Iterator[None]:
    """Let the functions that are called in this block read these secrets, and no others."""
    token = _CURRENT.set(secrets)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def _resolve(resolver: Resolver, secret: Secret) -> str:
    try:
        value = resolver(secret)
    except Exception as error:  # noqa: BLE001 - a vault's client raises anything, and may tell in it what it read
        raise SecretMissing(secret, f"asking for it raised {type(error).__name__}") from None
    if isinstance(value, str):
        return value
    if resolver is not of_host:
        raise SecretMissing(secret, "the resolver of secrets_from() returned no text for it")
    place = f"set the environment variable {secret.as_env_var}" if secret.as_env_var else f"write {_path_of(secret)}"
    raise SecretMissing(secret, f"{place} where this process runs, or give a resolver with secrets_from()")


def _name_of(secret: Secret) -> str:
    return secret.as_env_var or secret.key


def _path_of(secret: Secret) -> Path:
    return Path(str(secret.mount), *filter(None, (secret.group, secret.key)))


def _shown(secret: Secret) -> str:
    return repr(secret.key) if secret.group is None else f"{secret.key!r} of group {secret.group!r}"


def _texts_of(error: BaseException) -> Iterator[str]:
    # An exception's own __str__ may do anything.
    for told in (str, repr):
        with contextlib.suppress(Exception):
            yield told(error)
