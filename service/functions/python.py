"""Python functions of the operator: loads the environment that `module:name` points at."""

import importlib
import importlib.util
from collections.abc import Iterable, Mapping

from sandbox.dispatch import HostFunction
from sandbox.environment import TaskEnvironment
from service.operator_errors import FunctionsNotLoadable

_EXPECTED = "write module:name, where name is a TaskEnvironment of that module, as in examples.shop:env"


def load_functions(references: Iterable[str]) -> list[HostFunction]:
    """Return the functions of all environments, in order.

    Raises:
        FunctionsNotLoadable: a reference points at nothing that has functions.
    """
    return [function for reference in references for function in _load(reference).values()]


def _load(reference: str) -> Mapping[str, HostFunction]:
    module_name, _, name = reference.partition(":")
    if not module_name or not name.isidentifier():
        raise FunctionsNotLoadable(reference, _EXPECTED)
    module = _import(reference, module_name)
    found = getattr(module, name, None)
    if isinstance(found, TaskEnvironment):
        return found.functions
    present = [key for key, value in vars(module).items() if isinstance(value, TaskEnvironment)]
    what = f"{module_name} has no {name}" if found is None else f"{name} is a {type(found).__name__}"
    raise FunctionsNotLoadable(reference, f"{what}; its TaskEnvironments: {', '.join(present) or 'none'}. {_EXPECTED}")


def _import(reference: str, module_name: str) -> object:
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            reason = f"there is no module {error.name} here or among the installed packages; {_EXPECTED}"
        else:
            reason = f"{module_name} imports {error.name}, which is not installed"
        raise FunctionsNotLoadable(reference, reason) from None
    except Exception as error:
        reason = f"importing {module_name} failed: {type(error).__name__}: {error}"
        raise FunctionsNotLoadable(reference, " ".join(reason.split())) from error
