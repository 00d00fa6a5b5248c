"""What a model or an editor is told: the functions as stubs, and the language and its limits as a prompt.

Everything is generated from the running configuration and from `sandbox.policy`, so that it cannot go stale.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from sandbox import policy
from sandbox.dispatch import HostFunction
from sandbox.engines.monty import subset
from sandbox.engines.table import WHOLE
from sandbox.limits import INTERPRETER_BYTES, MIB, Limits

Mode = Literal["async", "sync"]
_IMPORTED = {
    "datetime": ("date", "datetime", "time", "timedelta"),
    "decimal": ("Decimal",),
    "enum": ("Enum",),
    "typing": ("Any", "Literal", "Optional", "Union"),
    "uuid": ("UUID",),
}
# What programs can hold and pass on, and nothing more.
_OPAQUE = ("File", "Dir", "DataFrame")


_WHOLE_CALLS = (
    "; `f.aio(x)` makes a call of it that can be awaited and gathered. An exception that a function raises can be "
    "caught: built-in types by their own name, all others as `FunctionError`, with the attributes `type` and `message`."
)
_SUBSET_CALLS = (
    ". An exception that a function raises can be caught: built-in types by their own name, all others as `Exception`."
)
_WHOLE_VALUES = (
    "enum members their name, and dates, times, durations, Decimal and UUID text. Nothing else can be returned: write "
    "`dataclasses.asdict(x)`"
)
_SUBSET_VALUES = (
    "and dates, times, durations and Decimal text. Nothing else can be returned: write a dictionary of the fields, "
    'as in `{"name": x.name}`'
)
# More of it is lacking than there.
_UNTOLD = ("asyncio", "typing")


def stub_file(functions: Iterable[HostFunction], *, mode: Mode) -> str:
    """Return a `.pyi` file: for programs that await async functions, or for plain ones in which a call just waits."""
    stubs = [function.stub(mode) for function in functions]
    text = "\n\n\n".join(stubs)
    return "\n".join(
        [f'"""Functions that a program may call, as {mode} code sees them."""\n', *_imports(text), text, ""]
    )


def prompt(
    functions: Iterable[HostFunction],
    *,
    limits: Limits,
    engine: str,
    engine_version: str,
    packages: Sequence[str] = (),
) -> str:
    """Return the text to give a model that is to write a program, with the packages of its guest image."""
    known = list(functions)
    stubs = "\n\n\n".join(function.stub() for function in known) or "# none: the program only computes"
    version, whole = engine_version.partition("+")[0], engine == WHOLE
    return "\n\n".join(
        [
            "# Write one Python program",
            f"It runs in an isolated interpreter ({engine} {version}) without files, network, threads or processes. "
            "The value of the last expression is the answer, so end with an expression, not with `print` or `return`. "
            "The answer becomes JSON: None, bool, int, finite float, str, lists and dictionaries with text keys stay "
            f"as they are; tuples and sets become arrays, bytes base64, {_WHOLE_VALUES if whole else _SUBSET_VALUES}, "
            "`list(x)`, `str(x)`. What is printed comes back beside the answer. Inputs are variables that have their "
            "value already. The local time zone is UTC.",
            *(_language() if whole else _subset()),
            *([f"These packages can be imported, too: {', '.join(packages)}."] if packages else []),
            "Of os: " + ", ".join(policy.OS_NAMES) + ", the environment variables that were given with the program.",
            "## Functions\n\nThese are already there; do not import or define them. Await what is `async`, at the top "
            "level too, and make independent calls at once with `asyncio.gather`. What is not `async` gives its value "
            f"at once, without `await`{_WHOLE_CALLS if whole else _SUBSET_CALLS}\n\n```python\n{stubs}\n```",
            "## Limits\n\n" + _limits(limits, engine),
            "",
        ]
    )


def _language() -> list[str]:
    return [
        "## Language\n\nPython with\n" + _items(policy.SYNTAX),
        "Not available:\n" + _items([*policy.RULES.values(), *policy.REFUSED]),
        "Modules that can be imported: " + ", ".join(policy.MODULES) + ".",
        "Of asyncio: " + ", ".join(policy.ASYNCIO_NAMES) + ".",
    ]


def _subset() -> list[str]:
    """Return what is told of the language of the engine `monty`."""
    modules = [
        f"{name} (without {', '.join(lacking)})" if lacking and name not in _UNTOLD else name
        for name, lacking in subset.MODULES.items()
    ]
    awaited = [name for name in policy.ASYNCIO_NAMES if name not in subset.MODULES["asyncio"]]
    return [
        "## Language\n\nA subset of Python: functions, closures, comprehensions, `match`, `with`, `try`, plain classes "
        "and dataclasses, `async def` and `await`. A method of a built-in type is called, never named as a value: "
        "write `key=lambda k: d.get(k)`.",
        "Not available:\n"
        + _items([*subset.NO_CONSTRUCTS, "special methods " + ", ".join(sorted(subset.NO_SPECIALS))]),
        "Modules that can be imported: " + ", ".join(modules) + ".",
        "Of asyncio: " + ", ".join(awaited) + ".",
        "Builtins that are not there: " + ", ".join(subset.NO_BUILTINS) + ".",
    ]


def _imports(text: str) -> list[str]:
    used = {module: [name for name in names if re.search(rf"\b{name}\b", text)] for module, names in _IMPORTED.items()}
    lines = [f"from {module} import {', '.join(names)}" for module, names in used.items() if names]
    opaque = [f"class {name}: ..." for name in _OPAQUE if re.search(rf"\b{name}\b", text)]
    return [*lines, *opaque, "\n"] if lines or opaque else []


def _items(rules: Iterable[str]) -> str:
    return "\n" + "\n".join(f"- {rule}" for rule in rules)


def _limits(limits: Limits, engine: str) -> str:
    fuel = f"{limits.fuel:,} WebAssembly instructions and " if engine == WHOLE else ""
    return _items(
        [
            f"computing: {fuel}{limits.cpu_seconds:g} s of processor time",
            f"time, waiting for functions included: {limits.wall_seconds:g} s",
            f"memory, the interpreter's own {INTERPRETER_BYTES // MIB} MiB included: {limits.memory_bytes / MIB:g} MiB",
            f"printed text: {limits.output_bytes:,} bytes; each value: {limits.value_bytes:,} bytes as JSON",
            f"calls: {limits.calls:,}, of which {limits.concurrent_calls} at once; more are queued",
        ]
    ).lstrip()
