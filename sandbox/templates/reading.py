"""Document -> template: what `documents` writes, read with bounds and checked like anything that comes from outside."""

import json
from collections.abc import Collection
from typing import Any

from sandbox import values
from sandbox.engines.table import WHOLE
from sandbox.errors import ValueRejected
from sandbox.interface import EMPTY, OUTPUT, NativeInterface
from sandbox.options import Backoff, Cache, Documentation, RetryStrategy, SandboxedConfig, Secret, Timeout
from sandbox.templates.code import CodeTaskTemplate
from sandbox.templates.documents import FORMAT, MAX_DEPTH
from sandbox.templates.images import image_here
from sandbox.templates.imports import imported
from sandbox.types.texts import from_text

MAX_BYTES = 16 * 2**20
_MEMBERS = frozenset(
    {
        *("format", "name", "short_name", "docs", "source", "source_digest", "inputs", "output", "functions"),
        *("constants", "limits", "policy", "max_stack_depth", "engine", "max_inline_io_bytes", "env_vars", "secrets"),
        *("retries", "timeout", "cache"),
    }
)


def template_of_text(text: str, *, allowed: Collection[str] = ()) -> CodeTaskTemplate:
    """Return the template of a document; its source is not looked at before it runs.

    Args:
        allowed: import paths of functions, `module:name`, that may be imported for it.

    Raises:
        ValueError: it is no document, or one that says something that no template has, or names a function that is
            not allowed, or not there.
        TypeError: a parameter has a value of another type.
    """
    if len(text) > MAX_BYTES:
        message = f"a template's document has at most {MAX_BYTES:,} characters, this one has {len(text):,}"
        raise ValueError(message)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        message = "a template's document is JSON, and this is none"
        raise ValueError(message) from None
    return template_of(document, allowed=allowed)


def template_of(document: object, *, allowed: Collection[str] = (), depth: int = 0) -> CodeTaskTemplate:
    """Return the template of a document that was parsed; raises as `template_of_text` does."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        message = f'a template\'s document is an object with "format": "{FORMAT}"'
        raise ValueError(message)
    members = document.keys() - {"image"}
    if members != _MEMBERS or depth > MAX_DEPTH:
        odd = ", ".join(sorted(map(str, members ^ _MEMBERS))) or f"templates in it deeper than {MAX_DEPTH}"
        message = f"a template's document of another version, or changed by hand: {odd}"
        raise ValueError(message)
    try:
        template = _made(document, allowed, depth)
    except (KeyError, AttributeError) as error:
        message = f"a template's document was changed by hand: {error}"
        raise ValueError(message) from None
    if template.source_digest != document["source_digest"]:
        message = f"the source of {template.name!r} is another than the one whose digest its document has"
        raise ValueError(message)
    return template


def _made(document: dict[str, Any], allowed: Collection[str], depth: int) -> CodeTaskTemplate:
    functions = {
        name: imported(one, allowed=allowed)
        if isinstance(one, str)
        else template_of(one, allowed=allowed, depth=depth + 1)
        for name, one in document["functions"].items()
    }
    return CodeTaskTemplate(
        image=image_here(document.get("image")) or "auto",
        interface=_interface(document),
        docs=None if document["docs"] is None else Documentation(document["docs"]),
        # Its types were checked where it was made.
        plugin_config=SandboxedConfig(
            max_stack_depth=document["max_stack_depth"], policy=document["policy"], type_check=False
        ),
        secrets=tuple(Secret(**one) for one in document["secrets"]),
        retries=_retries(document["retries"]),
        timeout=Timeout(**document["timeout"]),
        cache=Cache(**{**document["cache"], "ignored_inputs": tuple(document["cache"]["ignored_inputs"])}),
        engine=None if document["engine"] == WHOLE else document["engine"],
        _user_source=document["source"],
        _user_functions=functions,
        _user_constants=_value(document["constants"]),
        **{field: document[field] for field in ("name", "short_name", "limits", "max_inline_io_bytes", "env_vars")},
    )


def _interface(document: dict[str, Any]) -> NativeInterface:
    output = document["output"]
    return NativeInterface(
        inputs={
            one["name"]: (from_text(one["type"]), _value(one["default"]) if "default" in one else EMPTY)
            for one in document["inputs"]
        },
        outputs={} if output is None else {OUTPUT: from_text(output)},
    )


def _retries(described: dict[str, Any]) -> RetryStrategy:
    backoff = described["backoff"]
    return RetryStrategy(described["count"], None if backoff is None else Backoff(**_lengths(backoff)))


def _lengths(backoff: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in backoff.items() if name in ("base", "factor", "cap") and value is not None}


def _value(text: str) -> Any:
    try:
        return values.decode(text)
    except ValueRejected as error:
        message = f"a value of a template's document {error.reason}"
        raise ValueError(message) from None
