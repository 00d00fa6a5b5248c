"""What a submission would be refused for, and what a type checker says of it, without running any of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sandbox.checker.diagnostic import Diagnostic, Severity
from sandbox.checker.names import findings_of_names
from sandbox.checker.refusal import as_sent, refusal_of
from sandbox.choice import Engines
from sandbox.engine import CountingEngine, Engine
from sandbox.engines.table import AUTO, WHOLE
from sandbox.errors import HostError
from sandbox.limits import Limits
from sandbox.turns import Compilation, ErrorReport, Survey
from service.images import Images
from service.rights import Caller
from service.runs.hints import with_image_hint
from service.runs.order import Order, Rules
from service.runs.type_checks import TypeChecks

# What holds while a program is compiled: nothing of it runs, so its own limits do not count.
_COMPILING = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What is known of a program that has not run."""

    diagnostics: tuple[Diagnostic, ...]
    """In the order of the text; lines and columns are those of the text as it was sent."""
    functions_used: tuple[str, ...]
    """Functions of the submission that the program names; none when it could not be compiled."""
    json_schema: dict[str, Any]
    """Of the inputs."""

    @property
    def ok(self) -> bool:
        """Whether nothing is certainly wrong."""
        return not _errors(self.diagnostics)


async def check_of(
    engines: Engines[CountingEngine],
    checks: TypeChecks,
    order: Order,
    *,
    rules: Rules,
    standard: bool,
    caller: Caller,
) -> Check:
    """Return what is to be said of a submission: by the engine that it names, and by the one that runs everything.

    Args:
        rules: of the service: functions and guest images that the program might have named.
        standard: whether the schema is JSON Schema's own, and not Flyte's.
    """
    found, survey = await _found(checks, order, [*rules.registry], caller=caller, images=rules.images)
    if order.engine not in (WHOLE, AUTO):
        found = await _of_engine(engines.named(order.engine), order, found, surveyed=survey is not None)
    used = [name for name in order.functions if survey is not None and name in survey.names]
    return Check(diagnostics=tuple(found), functions_used=tuple(used), json_schema=_schema(order, standard=standard))


async def refusal_by_types(
    checks: TypeChecks, order: Order, *, registered: Iterable[str], caller: Caller
) -> ErrorReport | None:
    """Return why a program is not run that asked to be checked before, None when it is.

    What else is wrong with it is said where it runs.
    """
    found, survey = await _found(checks, order, [*registered], caller=caller, as_it_runs=True)
    errors = _errors(found)
    return refusal_of(errors, order.program.source) if errors and survey is not None else None


async def refusals_of(
    checks: TypeChecks, engine: Engine, order: Order, *, rules: Rules, caller: Caller, with_types: bool
) -> list[Diagnostic]:
    """Return why a program would fail before its first line ran; none when it would not.

    Args:
        engine: what would run it.
        rules: as `check_of` has it.
        with_types: whether its types are checked before it runs.
    """
    compiled = await _compiled(engine, order)
    if compiled is None:
        return [_NOT_COMPILED]
    if compiled.error is not None:
        return _of_refusal(order.source.restore(compiled.error), rules.images)
    if not with_types:
        return []
    found, _ = await _found(checks, order, [*rules.registry], caller=caller)
    return _errors(found)


async def _found(
    checks: TypeChecks,
    order: Order,
    registered: list[str],
    *,
    caller: Caller,
    images: Images | None = None,
    as_it_runs: bool = False,
) -> tuple[list[Diagnostic], Survey | None]:
    """Return all findings, and what the guest says of the program; nothing when it could not be compiled."""
    compiled = await _compiled(checks.engine, order)
    if compiled is None:
        return [_NOT_COMPILED], None
    if compiled.error is not None or compiled.survey is None:
        return _of_refusal(order.source.restore(compiled.error), images) if compiled.error else [], None
    survey, source = compiled.survey, order.program.source
    inputs, functions = order.input_types, order.functions
    checked = await checks.checked(source, survey, order, caller=caller)
    names = findings_of_names(survey, inputs=inputs, functions=functions, registered=registered)
    found = sorted([*names, *checked.diagnostics], key=lambda one: (one.line, one.column))
    if checked.unchecked is not None:
        found.append(_general("info", "types-not-checked", checked.unchecked))
    return found if as_it_runs else as_sent(found, order.source), survey


async def _of_engine(engine: Engine, order: Order, found: list[Diagnostic], *, surveyed: bool) -> list[Diagnostic]:
    """Return the findings of a program that another engine runs than the one that found them."""
    compiled = await _compiled(engine, order)
    if compiled is None:
        return [_NOT_COMPILED]
    if compiled.error is not None:
        refused = _of_refusal(order.source.restore(compiled.error))
        return sorted([*refused, *(found if surveyed else [])], key=lambda one: (one.line, one.column))
    if surveyed:
        return found
    return [_general("info", "types-not-checked", f'only "{engine.name}" runs it, which says nothing of its types')]


async def _compiled(engine: Engine, order: Order) -> Compilation | None:
    limits = replace(_COMPILING, source_bytes=order.limits.source_bytes)
    try:
        return await engine.compile(order.program, limits=limits)
    except HostError:
        return None


def _of_refusal(error: ErrorReport, images: Images | None = None) -> list[Diagnostic]:
    """Return what the guest refused, a diagnostic for each place."""
    error = error if images is None else with_image_hint(error, images)
    if error.violations:
        return [
            _at(one.line, one.column, code=one.code, message=one.message, hint=one.hint) for one in error.violations
        ]
    frame = error.traceback[0] if error.traceback else None
    line, column = (frame.line or 1, frame.column or 1) if frame is not None else (1, 1)
    return [_at(line, column, code=error.kind, message=error.message, hint=error.hint)]


def _at(line: int, column: int, *, code: str, message: str, hint: str | None) -> Diagnostic:
    return Diagnostic(
        line=line,
        column=column,
        end_line=line,
        end_column=column,
        severity="error",
        code=code,
        message=message,
        hint=hint,
    )


def _general(severity: Severity, code: str, message: str) -> Diagnostic:
    return replace(_at(1, 1, code=code, message=message, hint=None), severity=severity)


_NOT_COMPILED = _general("error", "not-compiled", "the service could not compile the program; send it again")


def _errors(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [one for one in found if one.severity == "error"]


def _schema(order: Order, *, standard: bool) -> dict[str, Any]:
    """Return the schema of the inputs, as templates have it; each is required, because none has a default."""
    kinds = order.input_types
    properties = {name: kind.schema() if standard else kind.flyte_schema() for name, kind in kinds.items()}
    schema = {"type": "object", "properties": properties, "required": [*kinds]}
    return {**schema, "additionalProperties": False} if standard else schema
