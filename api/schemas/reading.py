"""How a body becomes a `Submission`.

Bodies are parsed without NaN and infinities and with bounded depth; what is wrong is said without repeating what was
sent. A field that cannot be honoured yet is refused by name: nothing is accepted and ignored.
"""

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from api.schemas.conversation import FailureBody, ResultBody
from api.schemas.submission import (
    MAX_METADATA_WEIGHT,
    MAX_NAMES,
    CacheBody,
    ClientFunctionBody,
    LimitsBody,
    RetriesOfRunBody,
    SubmissionBody,
    TimeoutBody,
)
from sandbox.advice import nearest
from sandbox.json_values import MAX_DEPTH, MAX_DIGITS
from sandbox.options import LINK_PLACES, Cache, CacheBehavior, Link
from sandbox.values import BOUNDS, MAX_NODES
from sandbox.weight import is_crowded, weight_of
from service.errors import MAX_FAULTS, Fault, SubmissionRejected
from service.functions.client import ClientFunction
from service.runs.order import pointer
from service.runs.submission import Submission

# More members than a submission has, and than a person mistypes.
_MAX_MEMBERS = 100
_MAX_DAYS = 230 * 365
# Twice what one value may have: parsing holds up every other request, at a microsecond for three of them.
_MAX_NODES = 2 * MAX_NODES
# Only numbers written like these can overflow to infinity, so that other bodies need not be searched for one. A long
# run of digits is looked at from its beginning only, not again from each of its digits.
_LARGE_NUMBER = re.compile(rb"\d[eE]\+?\d{3}|(?<!\d)\d{200}")
# A search takes half a second for a large body, and nobody else goes on meanwhile: of so many bytes it takes little.
_PART_BYTES, _LONGEST_LARGE = 256 * 1024, 200
_INFINITE = (math.inf, -math.inf)

# The parser's words for what it does not take -> ours, with the bound.
_SURROGATE = "half of a surrogate pair stands alone; send the character whole, or leave it out,"
_WORDS_OF_PARSER = {
    "recursion limit exceeded": f"a value may be nested {MAX_DEPTH} levels deep, and one is deeper",
    "number out of range": f"a whole number may have {MAX_DIGITS:,} digits, and one has more",
    "unexpected end of hex escape": _SURROGATE,
    "lone leading surrogate in hex escape": _SURROGATE,
    "invalid unicode code point": "it is not UTF-8",
}

_NO_CACHE = Cache("disable")

# Members with faults of their own. They are left where they stand: the document may be a template's, which is kept.
_READ_APART = frozenset({"cache", "retries", "timeout"})
_NESTED: dict[Any, type[BaseModel]] = {
    "limits": LimitsBody, "client_functions": ClientFunctionBody, "results": ResultBody, "error": FailureBody
}  # fmt: skip
# What pydantic found -> what is expected; its own messages may repeat what was sent.
_EXPECTED = {
    "literal_error": "must be {expected}",
    "string_type": "must be text",
    "dict_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "list_type": "must be a list",
    "missing": "is missing",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "bool_parsing": "must be true or false",
    "float_type": "must be a number",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "too_long": "must have at most {max_length} entries",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
}


def read_submission(body: bytes) -> Submission:
    """Return what a body asks for.

    Raises:
        SubmissionRejected: it is no JSON, or not the JSON of a submission; every fault is named.
    """
    return submission_of(read_document(body), size_bytes=len(body))


def read_document(body: bytes, *, example: str = '{"source": "1 + 1"}') -> dict[str, Any]:
    """Return the JSON object that a body holds.

    Args:
        example: what the path takes, for whoever sends something else.

    Raises:
        SubmissionRejected: it holds none, or one that is too large to be judged.
    """
    if is_crowded(body, _MAX_NODES):
        raise SubmissionRejected([_fault("", f"holds more than {_MAX_NODES:,} values; pass less under inputs")])
    return _parse(body, example)


def submission_of(document: dict[str, Any], *, size_bytes: int, template_version: str | None = None) -> Submission:
    """Return what a document asks for.

    Args:
        size_bytes: length of the text that it was read from.
        template_version: of the template that it is a run of.

    Raises:
        SubmissionRejected: it is not that of a submission; every fault is named.
    """
    _refuse_long(document)
    faults: list[Fault] = []
    cache = _cache(document.get("cache"), faults)
    retries = _retries(document.get("retries"), faults)
    timeout = _timeout(document.get("timeout"), faults)
    try:
        asked = SubmissionBody.model_validate({name: document[name] for name in document if name not in _READ_APART})
    except ValidationError as error:
        raise SubmissionRejected([*faults, *faults_of(error, SubmissionBody)]) from None
    faults += _of_source(asked)
    if weight_of(asked.metadata, enough=MAX_METADATA_WEIGHT) >= MAX_METADATA_WEIGHT:
        faults.append(
            _fault(
                "/metadata", f"must take at most {MAX_METADATA_WEIGHT} bytes, 32 for each value and name and its text"
            )
        )
    links = _links(asked, faults)
    now = None if asked.now is None else _nanoseconds(asked.now, faults)
    if faults:
        raise SubmissionRejected(faults)
    return Submission(
        source=asked.source or asked.code or "",
        inputs=asked.inputs,
        functions=tuple(dict.fromkeys(asked.functions)),
        input_types=asked.input_types,
        output=asked.output,
        name=asked.name,
        engine=asked.engine,
        image=None if asked.image == "auto" else asked.image,
        policy=asked.policy,
        limits=_limits(asked),
        wait_seconds=asked.wait_seconds,
        durable=asked.durable,
        retries=retries,
        timeout=timeout,
        webhook=asked.webhook,
        client_functions=tuple(ClientFunction(**one.model_dump()) for one in asked.client_functions),
        seed=asked.seed,
        now=now,
        metadata=asked.metadata,
        env_vars=asked.env_vars,
        links=links,
        docs=asked.docs,
        report=asked.report,
        cache=cache,
        type_check=bool(asked.type_check),
        template_version=template_version,
        size_bytes=size_bytes,
    )


def _limits(asked: SubmissionBody) -> dict[str, int | float]:
    return asked.limits.model_dump(exclude_none=True, exclude={*BOUNDS}) if "limits" in asked.model_fields_set else {}


def _links(asked: SubmissionBody, faults: list[Fault]) -> tuple[Link, ...]:
    made: list[Link] = []
    for index, one in enumerate(asked.links):
        try:
            made.append(Link(one.name, one.url))
        except ValueError:
            place = ", ".join(f"{{{place}}}" for place in LINK_PLACES)
            message = f"must have a name, and an http or https address with no places but {place}"
            faults.append(_fault(pointer("links", index), message))
    return tuple(made)


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Return what pydantic found, in our words."""
    found = error.errors(include_input=False, include_url=False, include_context=True)
    return [_fault(pointer(*one["loc"]), _message(one["type"], one, model)) for one in found[:MAX_FAULTS]]


def faults_of_parameters(found: Sequence[Any]) -> list[Fault]:
    """Return what is wrong with parameters of a query, in our words."""
    return [_fault(f"?{one['loc'][-1]}", _expected(one["type"], one)) for one in found[:MAX_FAULTS]]


def _refuse_long(document: dict[str, Any]) -> None:
    """Refuse members with more entries than they may have before each of those is judged."""
    faults = [
        _fault(pointer(name), f"must have at most {MAX_NAMES} entries")
        for name in ("inputs", "input_types", "functions", "client_functions", "limits")
        if isinstance(document.get(name), dict | list) and len(document[name]) > MAX_NAMES
    ]
    if faults:
        raise SubmissionRejected(faults)


def _reason(found: str) -> str:
    """Return what the parser found, in our words where its own say neither the bound that it met nor the way out."""
    for words, ours in _WORDS_OF_PARSER.items():
        found = found.replace(words, ours)
    return found


def _parse(body: bytes, example: str) -> dict[str, Any]:
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise SubmissionRejected([_fault("", f"is not valid JSON: {_reason(str(error))}")]) from None
    if _has_large_number(body) and _has_infinity(document):
        raise SubmissionRejected([_fault("", "is not valid JSON: a number is too large for a float")])
    if not isinstance(document, dict):
        raise SubmissionRejected([_fault("", f"must be a JSON object, as in {example}")])
    if len(document) > _MAX_MEMBERS:
        raise SubmissionRejected([_fault("", f"has more than {_MAX_MEMBERS} members; a submission has fewer")])
    return document


def _has_large_number(body: bytes) -> bool:
    """Say whether a body may hold a number beyond all floats; looked at in parts, between which others go on."""
    places = range(0, len(body), _PART_BYTES)
    return any(_LARGE_NUMBER.search(body, at, at + _PART_BYTES + _LONGEST_LARGE) for at in places)


def _has_infinity(document: Any) -> bool:
    """Say whether a number of a document became infinite; writing it, to learn that, takes long for long integers."""
    rest = [document]
    while rest:
        item = rest.pop()
        kind = type(item)
        if kind is float:
            if item in _INFINITE:
                return True
        elif kind is list:
            rest += item
        elif kind is dict:
            rest += item.values()
    return False


def _cache(asked: Any, faults: list[Fault]) -> Cache:
    """Return what `cache` asks for: read apart from the rest, because a word and an object have faults of their own."""
    if asked is None:
        return _NO_CACHE
    words = get_args(CacheBehavior)
    if isinstance(asked, str) and asked in words:
        return Cache.of(asked)
    if not isinstance(asked, dict):
        faults.append(_fault("/cache", f"must be one of {', '.join(map(repr, words))}, or an object with `behavior`"))
        return Cache("disable")
    try:
        body = CacheBody.model_validate(asked)
    except ValidationError as error:
        faults += [Fault(pointer=f"/cache{one.pointer}", message=one.message) for one in faults_of(error, CacheBody)]
        return Cache("disable")
    return Cache(
        body.behavior,
        version_override=body.version_override,
        serialize=body.serialize,
        ignored_inputs=tuple(body.ignored_inputs),
        salt=body.salt,
        max_age=body.max_age_seconds,
    )


def _retries(asked: Any, faults: list[Fault]) -> dict[str, float]:
    """Return what `retries` asks for."""
    if asked is None:
        return {}
    is_number = isinstance(asked, int) and not isinstance(asked, bool)
    if not is_number and not isinstance(asked, dict):
        faults.append(_fault("/retries", "must be a whole number, or an object with count"))
        return {}
    try:
        body = RetriesOfRunBody.model_validate({"count": asked} if is_number else asked)
    except ValidationError as error:
        found = faults_of(error, RetriesOfRunBody)
        faults += [_fault("/retries" + ("" if is_number else one.pointer), one.message) for one in found]
        return {}
    pauses = {} if body.backoff is None else body.backoff.model_dump()
    return {"count": body.count, **pauses} if body.count else {}


def _timeout(asked: Any, faults: list[Fault]) -> dict[str, float]:
    """Return the bounds that `timeout` names: read apart from the rest, as `cache` is."""
    if asked is None:
        return {}
    is_number = isinstance(asked, int | float) and not isinstance(asked, bool)
    if not is_number and not isinstance(asked, dict):
        faults.append(_fault("/timeout", "must be a number of seconds, or an object with max_runtime and the like"))
        return {}
    try:
        body = TimeoutBody.model_validate({"max_runtime": asked} if is_number else asked)
    except ValidationError as error:
        found = faults_of(error, TimeoutBody)
        faults += [_fault("/timeout" + ("" if is_number else one.pointer), one.message) for one in found]
        return {}
    return {name: seconds for name, seconds in body.model_dump().items() if seconds}


def _of_source(asked: SubmissionBody) -> list[Fault]:
    if asked.source is not None and asked.code is not None:
        return [_fault("/code", "is another name for source; send one of them")]
    if asked.source is None and asked.code is None:
        return [_fault("/source", "is missing: send the Python text to run")]
    if not (asked.source or asked.code or "").strip():
        return [_fault("/source" if asked.code is None else "/code", "is empty: send the Python text to run")]
    return []


def _message(kind: str, one: Any, model: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        nested = _NESTED.get(one["loc"][0], model) if len(one["loc"]) > 1 else model
        return _unknown_field(str(one["loc"][-1]), nested)
    if kind == "literal_error" and one["loc"][0] == "limits":
        return "is the same for every run and cannot be set; leave it out, or send {expected}".format_map(one["ctx"])
    return _expected(kind, one)


def _expected(kind: str, one: Any) -> str:
    return _EXPECTED.get(kind, "is not valid").format_map(one.get("ctx", {}))


def _unknown_field(name: str, model: type[BaseModel]) -> str:
    near = nearest(name[:100], model.model_fields)
    known = ", ".join(one.alias or name for name, one in model.model_fields.items())
    return f'is not a field; did you mean "{near}"?' if near else f"is not a field; fields: {known}"


def _nanoseconds(text: str, faults: list[Fault]) -> int:
    expected = "must be a time from 1970 to 2199 with an offset from UTC, as in 2026-01-31T12:00:00Z"
    try:
        since = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        faults.append(_fault("/now", expected))
        return 0
    if not 0 <= since.days < _MAX_DAYS:
        faults.append(_fault("/now", expected))
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000


def _fault(where: str, message: str) -> Fault:
    return Fault(pointer=where, message=message)
