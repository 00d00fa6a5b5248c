"""What a result is known by: a digest of all that decides it (pure).

A result is given again where all of this is the same; leaving something out gives wrong answers, so that what is added
to `Program` counts without being named here.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox import values
from sandbox.cache.versions import digest_of
from sandbox.errors import ValueRejected
from sandbox.interface import EMPTY, NativeInterface
from sandbox.limits import Limits
from sandbox.options import Cache
from sandbox.turns import Program

FORMAT = 1
# A program may catch what it meets at these, and go on; at any other limit it ends.
_CATCHABLE = ("memory_bytes", "value_bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a program does, whatever its inputs are and whatever type its value is to have."""

    program: Program
    engine: str
    engine_version: str
    """Names the guest image as well."""
    functions: Mapping[str, str] = field(default_factory=dict)
    """Name -> version of each function that it may call."""
    constants: Mapping[str, Any] = field(default_factory=dict)
    """Values that belong to the source."""
    limits: Limits
    more: tuple[str, ...] = ()
    """Versions that somebody else made, of what is not seen here."""

    def version(self) -> str:
        """Return the digest of all this.

        Raises:
            ValueRejected: a constant cannot be told.
        """
        # A kept isolate may hold what an earlier run left there; whose isolates those are, and where a run may be moved
        # to, decides nothing.
        keeps_isolates = self.program.reuse is not None
        alone = dataclasses.replace(self.program, compiled=None, reuse=None, interruptible=False)
        program = dataclasses.asdict(alone)
        return digest_of(
            [
                values.encode(program),
                keeps_isolates,
                [self.engine, self.engine_version],
                sorted(self.functions.items()),
                _texts(self.constants),
                [getattr(self.limits, name) for name in _CATCHABLE],
                self.more,
            ]
        )


def key_of(
    cache: Cache,
    *,
    name: str,
    shape: Any,
    version: str | None,
    inputs: Mapping[str, Any],
    namespace: str = "",
    given: Iterable[Any] = (),
) -> str:
    """Return what the result of a run is known by.

    Args:
        name: the template's; part of the key where `cache.version_override` stands for what runs.
        shape: its interface; see `shape_of`.
        version: `Identity.version()`; None where `cache.version_override` stands for it.
        inputs: as they cross.
        namespace: whose results these are; nobody meets those of another namespace.
        given: what else decides the result of this run, as JSON can write it.

    Raises:
        ValueRejected: it must not be kept, because an input is a File, Dir or DataFrame without a `hash`, whose content
            may be another one tomorrow; or an input cannot cross, as the run will say.
    """
    texts = _texts({one: value for one, value in inputs.items() if one not in cache.ignored_inputs})
    what = version if cache.version_override is None else [name, cache.version_override]
    return digest_of([FORMAT, namespace, what, shape, cache.salt, [*given], texts])


def shape_of(interface: NativeInterface) -> Any:
    """Return types and defaults of the inputs and the type of the output, as JSON can write them."""
    defaults = {name: default for name, (_, default) in interface.inputs.items() if default is not EMPTY}
    return [
        [[name, kind.text, kind.schema()] for name, kind in interface.input_types.items()],
        _texts({name: interface.input_types[name].lower(default) for name, default in defaults.items()}),
        [interface.output_type.text, interface.output_type.schema()],
    ]


def _texts(of: Mapping[str, Any]) -> list[list[str]]:
    return [[name, _text(value)] for name, value in sorted(of.items())]


def _text(value: Any) -> str:
    """Return a value as it crosses, with handles by the digest of their content instead of this process's signature."""
    text = values.encode(value)
    return json.dumps(json.loads(text, object_hook=_by_content)) if '"$handle":' in text else text


def _by_content(tree: dict[str, Any]) -> Any:
    if tree.keys() != {"$handle"}:
        return tree
    kind, told, _ = tree["$handle"]
    fields = json.loads(told)
    if not fields.get("hash"):
        raise ValueRejected("$", "is a handle whose content is not known")
    return {"$handle": [kind, fields["hash"], fields["format"]]}
