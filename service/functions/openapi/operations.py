"""The operations of a document, as far as they can become functions; of the others, why they cannot."""

import inspect
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.terms import Effect
from sandbox.types import ANY, NONE, ValueType
from sandbox.types.annotations import union_of
from service.functions.openapi.document import Document, Unusable
from service.functions.openapi.steps import Steps
from service.functions.openapi.types import Types

Place = Literal["path", "query", "header", "body"]
_PLACES: tuple[Place, ...] = ("path", "query", "header")
_EFFECTS: dict[str, Effect] = {
    "get": "read", "head": "read", "put": "idempotent", "delete": "idempotent", "post": "write", "patch": "write",
}  # fmt: skip
# The document's format has the first three ignored; the others belong to the connection, or to the host's secrets.
_HOSTS_HEADERS = frozenset(
    (
        *("accept", "content-type", "authorization", "cookie", "host", "connection", "content-length", "expect"),
        *("transfer-encoding", "te", "trailer", "upgrade", "proxy-authorization", "accept-encoding", "user-agent"),
    )
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_PATH = re.compile(r"/[^?#\s\\]*")
_MAX_TEXT = 2_000
# Of one operation; a document's large schemas are read once for all of them.
_MAX_SCHEMAS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of an operation."""

    name: str
    """As a program writes it."""
    wire_name: str
    place: Place
    kind: ValueType
    required: bool
    explode: bool = True
    """Whether each item of an array in the query has the name in front; otherwise commas stand between them."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation that can become a function."""

    title: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    returns: ValueType
    description: str
    effect: Effect

    def signature(self) -> inspect.Signature:
        """Return its parameters: those that must be given first, the others by name only."""
        positional, named = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
        return inspect.Signature(
            [
                inspect.Parameter(one.name, positional)
                if one.required
                else inspect.Parameter(one.name, named, default=None)
                for one in self.parameters
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An operation that cannot become a function."""

    title: str
    reason: str


def operations_of(
    document: Document, *, prefix: str, wanted: frozenset[str] | None, hosts_headers: frozenset[str]
) -> Iterator[Operation | LeftOut]:
    """Return the operations, in the document's order.

    Args:
        prefix: stands in front of each title, with a dot; may be empty.
        wanted: the ids of those that are to be functions; None: all.
        hosts_headers: names, in lower case, of headers that programs cannot set.
    """
    types = Types(document, Steps(_MAX_SCHEMAS))
    for path, item in _mapping(document.tree.get("paths")).items():
        try:
            item = _mapping(document.follow(item))
        except Unusable:
            continue
        for method, effect in _EFFECTS.items():
            node = item.get(method)
            if not isinstance(node, dict):
                continue
            name = _name(node, method, path)
            if wanted is not None and name not in wanted:
                continue
            title = f"{prefix}.{name}" if prefix else name
            types.steps = Steps(_MAX_SCHEMAS)
            try:
                yield _Reader(document, types, hosts_headers | _HOSTS_HEADERS).read(
                    item, node, title=title, method=method, path=path, effect=effect
                )
            except Unusable as reason:
                yield LeftOut(title=title, reason=str(reason))


class _Reader:
    """Reads one operation."""

    def __init__(self, document: Document, types: Types, hosts_headers: frozenset[str]) -> None:
        self._document = document
        self._types = types
        self._hosts_headers = hosts_headers

    def read(
        self, item: dict[str, Any], node: dict[str, Any], *, title: str, method: str, path: str, effect: Effect
    ) -> Operation:
        if "servers" in item or "servers" in node:
            message = "it has servers of its own"
            raise Unusable(message)
        if not _PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
            message = "its path must begin with a slash, and hold no query and no step up"
            raise Unusable(message)
        parameters = [*self._parameters(item, node, path)]
        body = self._body(node.get("requestBody"), taken={one.name for one in parameters})
        if body is not None:
            parameters.append(body)
        parameters.sort(key=lambda one: not one.required)
        names = [one.name for one in parameters]
        if len(set(names)) < len(names):
            message = "two of its parameters have names that become one"
            raise Unusable(message)
        returns = NONE if method == "head" else self._returns(_mapping(node.get("responses")))
        return Operation(
            title=title, method=method.upper(), path=path, parameters=tuple(parameters), returns=returns,
            description=_description(node, parameters), effect=effect,
        )  # fmt: skip

    def _parameters(self, item: dict[str, Any], node: dict[str, Any], path: str) -> Iterator[Parameter]:
        """Return those of the path and of the operation, which come later and replace the former."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for one in (*_listed(item.get("parameters")), *_listed(node.get("parameters"))):
            parameter = _mapping(self._document.follow(one))
            found[str(parameter.get("in")), str(parameter.get("name"))] = parameter
        named = set(re.findall(r"\{([^{}]*)\}", path))
        if named != {name for place, name in found if place == "path"}:
            message = "the names in its path are not those of its path parameters"
            raise Unusable(message)
        for (place, name), parameter in found.items():
            if place == "header" and name.lower() in self._hosts_headers:
                continue
            if place == "cookie" and parameter.get("required") is not True:
                continue
            yield self._parameter(place, name, parameter)

    def _parameter(self, place: str, name: str, node: dict[str, Any]) -> Parameter:
        known = next((one for one in _PLACES if one == place), None)
        if known is None:
            message = f"its parameter {name[:100]!r} is in {place[:20]!r}; parameters can be in {', '.join(_PLACES)}"
            raise Unusable(message)
        style = node.get("style", "form" if place == "query" else "simple")
        if style != ("form" if place == "query" else "simple") or "content" in node or node.get("allowReserved"):
            message = f"its parameter {name[:100]!r} is written in a way that is not supported"
            raise Unusable(message)
        if place == "header" and not _TOKEN.fullmatch(name):
            message = "a header of it has no usable name"
            raise Unusable(message)
        self._check_flat(name, node.get("schema"))
        required = place == "path" or node.get("required") is True
        description = _text(node.get("description"))
        kind = self._types.described(node.get("schema", {}), optional=not required, description=description)
        return Parameter(
            name=_identifier(name), wire_name=name, place=known, kind=kind, required=required,
            explode=node.get("explode", place == "query") is True, description=description,
        )  # fmt: skip

    def _check_flat(self, name: str, schema: Any) -> None:
        """Check that a parameter is no object: there are too many ways to write one into an address."""
        node = _mapping(self._document.follow(schema))
        types = node.get("type", ())
        if "object" in ([types] if isinstance(types, str) else types) or "properties" in node:
            message = f"its parameter {name[:100]!r} is an object"
            raise Unusable(message)

    def _body(self, node: Any, *, taken: set[str]) -> Parameter | None:
        node = _mapping(self._document.follow(node))
        if not node:
            return None
        content = _mapping(node.get("content"))
        media = next((one for kind, one in content.items() if is_json(kind)), None)
        required = node.get("required") is True
        if media is None:
            if required:
                message = f"its body is {', '.join(map(str, content))[:100] or 'of no type'}, not JSON"
                raise Unusable(message)
            return None
        description = _text(node.get("description"))
        kind = self._types.described(_mapping(media).get("schema", {}), optional=not required, description=description)
        name = next(one for one in ("body", "body_", "request_body") if one not in taken)
        return Parameter(name=name, wire_name="", place="body", kind=kind, required=required, description=description)

    def _returns(self, responses: dict[str, Any]) -> ValueType:
        """Return the type of what answers with a status of success; nobody declared it: `Any`."""
        good = [_mapping(self._document.follow(one)) for status, one in responses.items() if str(status)[:1] == "2"]
        kinds = [self._content(_mapping(response.get("content"))) for response in good]
        if not kinds:
            return ANY
        return kinds[0] if len(kinds) == 1 else union_of(kinds)

    def _content(self, content: dict[str, Any]) -> ValueType:
        if not content:
            return NONE
        kinds = [
            self._types.described(_mapping(media).get("schema", {}))
            if is_json(kind)
            else self._types.of({"type": "string"})
            for kind, media in content.items()
            if is_json(kind) or is_text(kind)
        ]
        if not kinds:
            message = f"it answers with {', '.join(map(str, content))[:100]}, neither JSON nor text"
            raise Unusable(message)
        return kinds[0] if len(kinds) == 1 else union_of(kinds)


def is_json(media_type: str) -> bool:
    """Whether a media type is one of JSON."""
    bare = media_type.partition(";")[0].strip().lower()
    return bare == "application/json" or (bare.startswith("application/") and bare.endswith("+json"))


def is_text(media_type: str) -> bool:
    """Whether a media type is one of text."""
    return media_type.strip().lower().startswith("text/")


def _name(node: dict[str, Any], method: str, path: str) -> str:
    given = node.get("operationId")
    return given if isinstance(given, str) and given else "_".join([method, *re.findall(r"\w+", path)])


def _identifier(name: str) -> str:
    made = re.sub(r"\W", "_", name).lstrip("_") or "_"
    made = f"_{made}" if made[0].isdigit() or keyword.iskeyword(made) else made
    if not made.isidentifier() or len(made) > 100:
        message = "a parameter of it has no usable name"
        raise Unusable(message)
    return made


def _description(node: dict[str, Any], parameters: list[Parameter]) -> str:
    told = [_text(node.get("summary")), _text(node.get("description"))]
    if told[0] and told[1].startswith(told[0]):
        told = told[1:]
    lines = [f"    {one.name}: {' '.join(one.description.split())}" for one in parameters if one.description]
    args = ["\n".join(["Args:", *lines])] if lines else []
    return "\n\n".join([part for part in told if part] + args)[:_MAX_TEXT]


def _text(node: Any) -> str:
    return node.strip()[:_MAX_TEXT] if isinstance(node, str) else ""


def _mapping(node: Any) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}


def _listed(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []
