"""The modules a program can import, each as a facade: its public names, and nothing that it imported itself.

Facades are made when the guest is built and are part of its snapshot. They cannot be written to, so that a program
cannot change what the driver or a library relies on.
"""

import builtins
import importlib
import types
from collections.abc import Callable
from typing import Any, NoReturn

from sandbox import policy
from sandbox.engines.cpython.guest import (
    attributes,
    environ,
    interior,
    kinds,
    loop,
    owners,
    packages,
    replaced,
    transformer,
    zones,
)


class Facade(types.ModuleType):
    """A module as programs see it."""

    @property
    def __name__(self) -> str:  # type: ignore[override]
        """No module's name: `from x import y` looks for the module "x.y" when x has no y."""
        return f"{_name_of(self)} (facade)"

    def __repr__(self) -> str:
        return f"<module {_name_of(self)!r}>"

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"module {_name_of(self)!r} cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"module {_name_of(self)!r} cannot be changed")


def _name_of(facade: Facade) -> str:
    return str(vars(facade)["__name__"])


def build() -> dict[str, Facade]:
    """Close the interpreter, and return every importable module by its dotted name, parents included."""
    replaced.install()
    zones.install()
    facades: dict[str, Facade] = {}
    for name in sorted(policy.MODULES):
        facades[name] = _facade(name, _public_names(name))
    _add_packages(facades)
    for name in [*facades]:
        _put_into_parent(name, facades)
    offered = {name: frozenset(vars(facade)) for name, facade in facades.items()}
    transformer.offer(offered, of_packages=packages.public_modules())
    attributes.keep_guarded(owners.guarded_names())
    kinds.show_as(Facade, types.ModuleType)
    packages.report(facades)
    interior.close()
    return facades


def _add_packages(facades: dict[str, Facade]) -> None:
    """Add the modules of the image's packages, with what programs may have of them."""
    packages.MODULE_TYPES.discard(Facade)
    if not packages.MODULES:
        return
    attributes.expect_packages()
    interior.watch_modules(packages.MODULE_TYPES.add)
    given = [getattr(builtins, name) for name in policy.BUILTINS]
    offered = [*given, *(value for facade in facades.values() for value in vars(facade).values())]
    judge = packages.Judge(offered, packages.kept_by_policy(facades))
    for name in packages.public_modules():
        facades[name] = _facade(name, judge.public_names(name))


def _put_into_parent(name: str, facades: dict[str, Facade]) -> None:
    parent, _, child = name.rpartition(".")
    if parent:
        facades.setdefault(parent, _facade(parent, {})).__dict__[child] = facades[name]
        _put_into_parent(parent, facades)


def importer(facades: dict[str, Facade], before: Callable[[str], None]) -> Any:
    """Return the `__import__` of programs; the policy has judged the names before it is called.

    `before` is told the name of every module that is about to be handed out.
    """

    def import_module(
        name: str, _globals: Any = None, _locals: Any = None, fromlist: tuple[str, ...] | None = (), level: int = 0
    ) -> Any:
        if name == "__future__":
            return _FUTURE
        if name in _FOR_THE_LIBRARY:
            importlib.import_module(name)
            return None  # C code looks for it where all modules are
        if level or name not in facades:
            raise ImportError(f"module {name!r} cannot be imported")
        before(name)
        return facades[name] if fromlist else facades[name.partition(".")[0]]

    return import_module


def _facade(name: str, names: dict[str, Any]) -> Facade:
    facade = Facade(name)
    facade.__dict__.update(names)
    for private in ("__loader__", "__spec__", "__package__"):
        facade.__dict__.pop(private, None)
    return facade


def _public_names(name: str) -> dict[str, Any]:
    module = importlib.import_module(name)
    hidden = policy.MODULES[name]
    listed = policy.ONLY_NAMES.get(name) or getattr(module, "__all__", None) or dir(module)
    names = {
        public: getattr(module, public)
        for public in listed
        if not public.startswith("_") and public not in hidden and hasattr(module, public)
    }
    names.update(_REPLACED.get(name, {}))
    return {public: value for public, value in names.items() if not isinstance(value, types.ModuleType)}


_REPLACED: dict[str, dict[str, Any]] = {
    **replaced.IN_MODULES,
    "asyncio": {"run": loop.run},
    "os": environ.IN_OS,
    "time": {"sleep": loop.sleep_blocking},
    "zoneinfo": {"available_timezones": zones.available_timezones},
}
# Imported by C code on behalf of a program, through the program's own `__import__`: for `strptime`, for divisions of
# long integers, for the errors of JSON. The policy keeps programs from naming them.
_FOR_THE_LIBRARY = frozenset({"_pylong", "_strptime", "json.decoder"})
_FUTURE = _facade("__future__", {"annotations": None})
