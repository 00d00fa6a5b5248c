"""The order for a run: judges a submission, and returns everything that is wrong with it, or what can be run.

Messages never repeat a value that was sent; of names they repeat those that the caller has to find again.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.choice import needs_of
from sandbox.dispatch import HostFunction
from sandbox.engines.table import AUTO, WHOLE
from sandbox.errors import ValueRejected
from sandbox.limits import BOUNDS, Limits
from sandbox.options import Cache, Policy, env_vars
from sandbox.source import Source
from sandbox.start import Start
from sandbox.turns import Program
from sandbox.types import ANY, ValueType, from_text
from service.errors import MAX_FAULTS, Fault, LimitBeyondCeiling, PolicyNotAllowed, SubmissionRejected
from service.functions.client import Undeclarable, host_function, steps_of_submission
from service.functions.registry import Registry, refusal_of_name
from service.images import Images, no_images
from service.rights import Rights, lower_of
from service.runs.submission import Submission
from service.webhooks import Receivers


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a submission is judged by."""

    registry: Registry
    limits: Limits
    """What a submission gets that asks for none."""
    ceiling: Limits
    engine: str = WHOLE
    """What runs a submission that does not say, or `auto`."""
    engines: tuple[str, ...] = (WHOLE, AUTO)
    """What a submission may ask for."""
    checks_engine: bool = True
    """Whether an engine has to have all that is asked of it; not where a run goes on that was accepted."""
    images: Images = field(default_factory=no_images)
    """Those that it may name."""
    keeps_results: bool = True
    allow_open_policy: bool = False
    """Whether a submission may ask to run without the language policy."""
    receivers: Receivers | None = field(default_factory=lambda: Receivers(()))
    """Who may be told of runs; None: it is not judged."""

    def of_tenant(self, rights: Rights) -> "Rules":
        """Return what a tenant's submissions are judged by."""
        return dataclasses.replace(
            self,
            registry=self.registry if rights.functions is None else self.registry.only(rights.functions),
            limits=lower_of(self.limits, rights.ceiling),
            ceiling=lower_of(self.ceiling, rights.ceiling),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A submission that can be run."""

    source: Source
    program: Program
    inputs: Mapping[str, Any]
    input_types: Mapping[str, ValueType]
    functions: Mapping[str, HostFunction]
    output: ValueType
    limits: Limits
    engine: str
    """That it asks for: a name, or `auto`."""
    needs: tuple[str, ...]
    """What it needs that only `cpython` has, where another engine may run it."""
    policy: Policy
    template_version: str
    cache: Cache
    name: str
    shape: Any
    """The types that were named, as JSON can write them."""
    given: tuple[int | None, int | None]
    """Seed and time, where they were named."""
    size_bytes: int
    images: Images = field(default_factory=no_images)
    """Those that it could have named."""

    def start(self, seed: int) -> Start:
        """Return what an execution starts with."""
        return Start(program=self.program, inputs=self.inputs, functions=self.functions, limits=self.limits, seed=seed)


def order_of(submission: Submission, rules: Rules, *, to_run: bool = True) -> Order:
    """Return what to run, or, with `to_run=False`, what to check: then typed inputs need no value.

    Raises:
        SubmissionRejected: with every fault that was found.
        LimitBeyondCeiling: a limit is higher than the ceiling.
        PolicyNotAllowed: the policy is not one that the operator allows.
        FunctionNotAllowed: a function is beyond the tenant's rights.
        ImageNotReady: the guest image is being built, or could not be.
    """
    faults: list[Fault] = []
    limits = _limits(submission, rules, faults)
    functions = _functions(submission, rules.registry, faults)
    functions |= _client_functions(submission, functions, faults)
    types = _input_types(submission, faults)
    output = _type(submission.output, "/output", faults)
    faults += _of_names(submission, functions)
    inputs = _inputs(submission, types, faults)
    faults += _missing(submission) if to_run else []
    faults += _of_cache(submission, rules)
    faults += _of_webhook(submission, rules)
    variables = _env_vars(submission, faults)
    image = _image(submission, rules, faults)
    source = _source(submission.source, limits)
    program = Program(
        source=source.program(),
        functions=tuple(one.spec() for one in functions.values()),
        guarded=submission.policy == "guarded",
        env_vars=variables,
        image=image,
    )
    engine = rules.engine if submission.engine is None else submission.engine
    needs = () if engine == WHOLE else _needs(submission, program, types, functions)
    faults += _of_engine(engine, needs, rules)
    if faults:
        raise SubmissionRejected(faults)
    if submission.policy == "open" and not rules.allow_open_policy:
        raise PolicyNotAllowed
    return Order(
        source=source,
        program=program,
        inputs=inputs,
        input_types={name: types.get(name, ANY) for name in (*types, *inputs)},
        functions=functions,
        output=output,
        limits=limits,
        engine=engine,
        needs=needs,
        policy=submission.policy,
        template_version=submission.template_version or template_version(submission),
        cache=submission.cache,
        name=submission.name,
        shape=[[[name, kind.text] for name, kind in sorted(types.items())], output.text],
        given=(submission.seed, submission.now),
        size_bytes=submission.size_bytes,
        images=rules.images,
    )


def fault_of_inputs(error: ValueRejected) -> Fault:
    """Return what is wrong with an input that fits its type but cannot cross; its path begins with `inputs.name`."""
    name = re.match(r"inputs\.(\w+)", error.path)
    return Fault(pointer=pointer("inputs", name[1]) if name else "/inputs", message=str(error))


def template_version(submission: Submission) -> str:
    """Return the digest of what the program is, whatever values it is given."""
    types = {name: submission.input_types.get(name, "Any") for name in (*submission.inputs, *submission.input_types)}
    parts: list[Any] = [submission.source, sorted(types.items()), submission.output, sorted(set(submission.functions))]
    if submission.policy != "guarded":
        parts.append(submission.policy)
    if submission.client_functions:
        parts.append([dataclasses.asdict(one) for one in submission.client_functions])
    if submission.image is not None:
        parts.append(["image", submission.image])
    if submission.env_vars:
        parts.append(sorted(submission.env_vars.items()))
    return "sha256:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def pointer(*steps: str | int) -> str:
    """Return a JSON pointer; a step that is longer than a name should be is cut."""
    return "".join("/" + str(step)[:100].replace("~", "~0").replace("/", "~1") for step in steps)


def _source(sent: str, limits: Limits) -> Source:
    """Return what to run; what is longer than it may be costs no work here, and ends as a run at its limit."""
    # No text has fewer bytes than characters.
    fits = len(sent) <= limits.source_bytes and len(sent.encode()) <= limits.source_bytes
    return Source.of(sent) if fits else Source.as_sent(sent)


def _limits(submission: Submission, rules: Rules, faults: list[Fault]) -> Limits:
    given = submission.limits
    found = [Fault(pointer=pointer("limits", name), message=_bounds(name)) for name in given if not _fits(name, given)]
    faults += found
    for name, value in given.items():
        if value > getattr(rules.ceiling, name):
            raise LimitBeyondCeiling(name, getattr(rules.ceiling, name))
    return rules.limits if found or not given else dataclasses.replace(rules.limits, **dict[str, Any](given))


def _fits(name: str, given: Mapping[str, int | float]) -> bool:
    return given[name] >= BOUNDS[name][0]


def _bounds(name: str) -> str:
    return f"must be at least {BOUNDS[name][0]:,}"


def _functions(submission: Submission, registry: Registry, faults: list[Fault]) -> dict[str, HostFunction]:
    for name in submission.functions:
        registry.check_allowed(name)
    unknown = [(index, name) for index, name in enumerate(submission.functions) if name not in registry]
    faults += [
        Fault(
            pointer=pointer("functions", index),
            message=f'function "{name[:100]}" is not registered; {registry.advice(name)}',
        )
        for index, name in unknown[:MAX_FAULTS]
    ]
    return {name: registry[name] for name in submission.functions if name in registry}


def _image(submission: Submission, rules: Rules, faults: list[Fault]) -> str | None:
    """Return the reference of the guest image that is named."""
    if submission.image is None:
        return None
    try:
        return rules.images.reference(submission.image)
    except KeyError:
        message = f'there is no guest image "{submission.image[:100]}"; {rules.images.advice()}'
        faults.append(Fault(pointer="/image", message=message))
        return None


def _input_types(submission: Submission, faults: list[Fault]) -> dict[str, ValueType]:
    return {name: _type(text, pointer("input_types", name), faults) for name, text in submission.input_types.items()}


def _type(text: str, where: str, faults: list[Fault]) -> ValueType:
    try:
        return from_text(text)
    except ValueError as error:
        faults.append(Fault(pointer=where, message=f"is not a type that can be used here: {error}"))
        return ANY


def _of_names(submission: Submission, functions: Mapping[str, HostFunction]) -> Iterator[Fault]:
    for member, names in (("inputs", submission.inputs), ("input_types", submission.input_types)):
        for name in names:
            reason = refusal_of_name(name)
            if reason is None and name in functions:
                reason = "it is the name of a function of this run"
            if reason is not None:
                yield Fault(pointer=pointer(member, name), message=f"cannot be the name of an input: {reason}")


def _inputs(submission: Submission, types: Mapping[str, ValueType], faults: list[Fault]) -> dict[str, Any]:
    inputs = {}
    for name, value in submission.inputs.items():
        try:
            inputs[name] = types.get(name, ANY).from_json(value)
        except ValueRejected as error:
            faults.append(Fault(pointer=pointer("inputs", name), message=str(error)))
    return inputs


def _missing(submission: Submission) -> list[Fault]:
    return [
        Fault(pointer=pointer("inputs", name), message="is missing: input_types declares it, so give it a value")
        for name in submission.input_types
        if name not in submission.inputs
    ]


def _env_vars(submission: Submission, faults: list[Fault]) -> dict[str, str]:
    try:
        return env_vars(dict(submission.env_vars))
    except ValueError as error:
        faults.append(Fault(pointer="/env_vars", message=f"is not valid: {error}"))
        return {}


def _of_cache(submission: Submission, rules: Rules) -> Iterator[Fault]:
    cache = submission.cache
    if cache.is_enabled() and not rules.keeps_results:
        yield Fault(pointer="/cache", message="is not available: this service keeps no results; leave it out")
    for index, name in enumerate(cache.ignored_inputs):
        if name not in submission.inputs:
            yield Fault(pointer=pointer("cache", "ignored_inputs", index), message="is the name of no input")


def _of_webhook(submission: Submission, rules: Rules) -> Iterator[Fault]:
    refusal = (
        None if submission.webhook is None or rules.receivers is None else rules.receivers.refusal(submission.webhook)
    )
    if refusal is not None:
        yield Fault(pointer="/webhook", message=refusal)


def _needs(
    submission: Submission, program: Program, types: Mapping[str, ValueType], functions: Mapping[str, HostFunction]
) -> tuple[str, ...]:
    told = {f"input {name!r}": kind for name, kind in types.items()}
    told |= {f"the value of {one.name}()": one.returns for one in functions.values()}
    return needs_of(program, limits=submission.limits, types=told)


def _of_engine(engine: str, needs: tuple[str, ...], rules: Rules) -> Iterator[Fault]:
    if engine not in rules.engines:
        known = ", ".join(f'"{name}"' for name in rules.engines)
        yield Fault(pointer="/engine", message=f"is not available; engines of this service: {known}")
    elif engine not in (WHOLE, AUTO) and needs and rules.checks_engine:
        advice = f'leave that out, or ask for "{WHOLE}"'
        yield Fault(pointer="/engine", message=f'"{engine}" does not have {", ".join(needs)}: {advice}')


def _client_functions(
    submission: Submission, others: Mapping[str, HostFunction], faults: list[Fault]
) -> dict[str, HostFunction]:
    found: dict[str, HostFunction] = {}
    steps = steps_of_submission()
    for index, declared in enumerate(submission.client_functions):
        try:
            function = host_function(declared, steps)
        except Undeclarable as error:
            faults.append(Fault(pointer=pointer("client_functions", index, error.where), message=str(error)))
            continue
        if function.name in others or function.name in found:
            message = f'"{function.name[:100]}" is the name of another function of this run; rename it'
            faults.append(Fault(pointer=pointer("client_functions", index, "name"), message=message))
        found[function.name] = function
    return found
