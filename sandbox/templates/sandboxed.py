"""Templates whose body runs in an isolate: how one is called, run, retried, and used as a function by another."""

import dataclasses
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sandbox import values
from sandbox.cache import Identity, answered, cache_store, digest_of, key_of, shape_of, version_of, version_of_code
from sandbox.checker.check import check_types
from sandbox.checker.names import findings_of_names
from sandbox.checker.refusal import refusal_of
from sandbox.compiled_once import CompiledOnce
from sandbox.deadline import late, within
from sandbox.dispatch import HostFunction
from sandbox.engines.table import AUTO, WHOLE
from sandbox.errors import OutputRejected, SourceRejected, ValueRejected
from sandbox.execute import Finished
from sandbox.failures import exception_of
from sandbox.limits import Limits
from sandbox.local import LibraryEngine, library_engine, library_engines
from sandbox.options import Cache, SandboxedConfig
from sandbox.policy import NOTES
from sandbox.run_attempts import RunAttempts
from sandbox.signatures import guest_name
from sandbox.source import Source
from sandbox.templates.bounds import check_resources, effective_limits, given_limits
from sandbox.templates.decorated import decorated
from sandbox.templates.engines import asked_engine, check_needs, engine_identity, needs, needs_of_values, open_engines
from sandbox.templates.exports import check_resolver, check_triggers, container_args, custom_config
from sandbox.templates.function import AsyncFunctionTaskTemplate
from sandbox.templates.functions import check_ignored, check_inputs, whitelist
from sandbox.templates.images import naming_built, reference_of
from sandbox.templates.records import telling
from sandbox.templates.reusing import reuse_of
from sandbox.templates.template import hooked
from sandbox.turns import ErrorReport, Program, Survey
from sandbox.types import ANY
from sandbox.weight import HEAVY_BYTES, in_its_place, weight_of

# What was done for programs is told here, a line a note: a template's value has no room for it.
_LOG = logging.getLogger("sandbox")


@dataclass(kw_only=True, eq=False)
class SandboxedTaskTemplate(AsyncFunctionTaskTemplate[..., Any]):
    """A function whose body runs in an isolate; `forward` calls it as it is, without a sandbox.

    The isolate is a fresh one every time, unless `reusable` says otherwise.

    `_user_source` is the source: that of the function, of what it uses, and a call of it. `_user_input_names` are the
    inputs in order, `_user_functions` is the whitelist, name -> function or template, and `_user_constants` are the
    values of its module that it uses, as they were when the template was made.

    Raises:
        TypeError, ValueError: as every template; and where the function uses what a program cannot have.
    """

    task_type: str = "sandboxed-python"
    plugin_config: SandboxedConfig = field(default_factory=SandboxedConfig)
    limits: Limits | Mapping[str, float] | None = None
    """Limits by name, or a `Limits`; where several parameters bound the same, the smallest holds."""
    engine: str | None = None
    """Which engine runs it: `cpython`, `monty`, or `auto` for the quickest one that surely runs it; default: that of
    `plugin_config`, and `cpython` where that says nothing."""
    _user_source: str = ""
    _user_input_names: list[str] = field(default_factory=list)
    _user_functions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    _user_constants: dict[str, Any] = field(default_factory=dict)

    supports: ClassVar[frozenset[str]] = frozenset(
        {
            *(
                "cache",
                "debuggable",
                "env_vars",
                "image",
                "interruptible",
                "max_inline_io_bytes",
                "pod_template",
                "queue",
            ),
            *("report", "resources", "retries", "reusable", "secrets", "task_resolver", "timeout", "triggers"),
        }
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        self._asked_engine = asked_engine(self.engine, self.plugin_config)
        self._take_source()
        self._source = Source.of(self._user_source)
        self._user_source = self._source.text
        self._user_input_names = [*self.interface.inputs]
        check_inputs(self._user_input_names)
        self._functions = whitelist(self._user_functions, inputs=self._user_input_names)
        check_ignored(self.cache, self._user_input_names)
        check_resources(self.resources)
        check_triggers(self.triggers, self.interface)
        check_resolver(self.task_resolver)
        self._limits = effective_limits(
            self.plugin_config, self.resources, given_limits(self.limits), self.max_inline_io_bytes
        )
        self._program: Program | CompiledOnce = CompiledOnce(self._submitted())
        self._needs = needs(
            self._submitted(), limits=given_limits(self.limits), interface=self.interface, functions=self._functions
        )
        check_needs(self._asked_engine, self._needs)
        self._version: str | None = None
        self._policy_versions = Cache.of(self.cache).versions(self.func, self.image)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and return its value; blocks.

        Raises:
            LoopRunning: an event loop runs in this thread.
        """
        return self.run_blocking(*args, **kwargs)

    async def aio(self, *args: Any, **kwargs: Any) -> Any:
        """Run it and return its value; attempts, time and secrets are the run's own."""
        return await self.execute(*args, **kwargs)

    async def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Run the source in an isolate, between the hooks, and return its value.

        Raises:
            TypeError, ValueRejected: the arguments do not fit the inputs.
            GuestError: the program was refused, failed, reached a limit, or returned something else than declared.
            HostError: the sandbox failed; trying again may help.
        """
        await hooked(self.pre(*args, **kwargs))
        inputs = self.interface.bind(self.name, args, kwargs)
        self._check_size(inputs, "inputs")
        value = self.interface.check_output(await self._run(inputs))
        return await hooked(self.post(value))

    def as_function(self) -> HostFunction:
        """Return the template as a function that another one's guest calls."""
        if self._host_function is None:
            terms = self._terms()
            self._host_function = HostFunction(
                name=guest_name(self._known_as() or self.name),
                call=self.aio,
                is_async=True,
                signature=self.interface.signature,
                parameters=self.interface.input_types,
                returns=self.interface.output_type,
                description="" if self.docs is None else self.docs.description,
                title=self.name,
                terms=terms,
                bucket=terms.bucket(),
                is_task=True,
                version=lambda: digest_of([self._known_version(), version_of_code(type(self))]),
            )
        return self._host_function

    def override(self, **changes: Any) -> Any:
        """Return another template with some parameters changed; see `TaskTemplate.override`.

        Raises:
            SourceRejected: the language policy was switched on, and does not allow the source.
        """
        changed = super().override(**changes)
        if changed.plugin_config.policy != self.plugin_config.policy:
            changed.check_source()
        return changed

    @property
    def effective_limits(self) -> Limits:
        """The limits of each of its runs."""
        return self._limits

    @property
    def asked_engine(self) -> str:
        """The engine that it asks for: a name, or `auto`."""
        return self._asked_engine

    @property
    def source_as_sent(self) -> str:
        """The source, on the lines that errors name."""
        return self._source.program()

    @property
    def source_digest(self) -> str:
        """The SHA-256 of the source, in hexadecimal."""
        return hashlib.sha256(self._user_source.encode()).hexdigest()

    @classmethod
    def is_portable(cls) -> bool:
        """Return whether a document says all of it: not where a subclass has code of its own."""
        return cls is SandboxedTaskTemplate

    def container_args(self, sctx: Any) -> list[str]:
        """Return the command line that runs this very template in a process of its own: `isthmus execute ...`.

        Args:
            sctx: Flyte's `SerializationContext`, or anything with `input_path`, `output_path` and `code_bundle`; None
                stands for Flyte's places, `{{.input}}` and `{{.outputPrefix}}`.

        Raises:
            ValueError: it has something that another process cannot have, or is too long for a command line.
        """
        return container_args(self, sctx)

    def custom_config(self, sctx: Any) -> dict[str, str]:  # noqa: ARG002 - Flyte's
        """Return what a remote backend needs to run the same, each as a text."""
        return custom_config(self)

    async def _run(self, inputs: Mapping[str, Any]) -> Any:
        with telling() as told:
            finished = await self._answered(inputs)
        notes = (*self._source.notes, *finished.notes)
        if told is not None:
            restored = finished.error and self._restored(finished.error)
            told.append(dataclasses.replace(finished, error=restored, notes=notes))
        for note in notes:
            _LOG.info("%s, line %d: %s", self.name, note.line, NOTES[note.code])
        if finished.error is None:
            self._check_size(finished.value, "$")
            return finished.value
        error = exception_of(self._restored(finished.error), self._limits)
        raise error from finished.raised

    def _restored(self, error: ErrorReport) -> ErrorReport:
        return naming_built(self._source.restore(error))

    async def _answered(self, inputs: Mapping[str, Any]) -> Finished:
        """Return how an equal run ended, if it is kept, else how this one does."""
        cache = Cache.of(self.cache)
        if not cache.is_enabled():
            return await self._computed(inputs)
        async with within(self.time_bounds.seconds("deadline"), late("deadline")):
            await open_engines(self.asked_engines())
            key = await in_its_place(weight_of(inputs, enough=HEAVY_BYTES), lambda: self._key(cache, inputs))
            if key is None:
                return await self._computed(inputs)
            return await answered(
                cache, key, lambda: self._computed(inputs), store=cache_store(), check=self._check_value
            )

    async def _computed(self, inputs: Mapping[str, Any]) -> Finished:
        attempts = RunAttempts(
            engine=await self._engine(inputs),
            program=self._program,
            inputs={**self._user_constants, **inputs},
            functions=self._functions,
            limits=self._limits,
            retries=self.retry_strategy,
            bounds=self.time_bounds,
            secrets=self.secret_requests,
        )
        return await attempts.run()

    def _key(self, cache: Cache, inputs: Mapping[str, Any]) -> str | None:
        """Return what the result is known by, None when it must not be kept."""
        try:
            version = None if cache.version_override is not None else self._known_version()
            return key_of(cache, name=self.name, shape=shape_of(self.interface), inputs=inputs, version=version)
        except ValueRejected:
            return None

    def _known_version(self) -> str:
        """Return the digest of what it does, made at its first use; the engine is open."""
        if self._version is None:
            engine, engine_version = engine_identity(self._asked_engine)
            self._version = Identity(
                program=self._submitted(),
                engine=engine,
                engine_version=engine_version,
                functions={name: version_of(function) for name, function in self._functions.items()},
                constants=self._user_constants,
                limits=self._limits,
                more=(*self._policy_versions, *map(repr, self.secret_requests)),
            ).version()
        return self._version

    def _check_value(self, value: Any) -> None:
        self.interface.check_output(value)
        self._check_size(value, "$")

    def asked_engines(self) -> set[str]:
        """Return the engines that it and the templates among its functions ask for."""
        inner = [one.asked_engines() for one in self._user_functions.values() if isinstance(one, SandboxedTaskTemplate)]
        return {self._asked_engine}.union(*inner)

    async def _engine(self, inputs: Mapping[str, Any]) -> LibraryEngine:
        """Return the engine of a run; `auto` starts the one that it asks."""
        lacking = self._needs
        if self._asked_engine == AUTO and not lacking:
            lacking = needs_of_values({**self._user_constants, **inputs})
        return await library_engines().chosen(self._asked_engine, self._submitted(), lacking)

    def check_source(self) -> None:
        """Have the source compiled and checked, without running any of it; blocks, at first also for the engine.

        Raises:
            SourceRejected: it is no Python, or says what the language policy does not allow; every place at once. With
                `plugin_config.type_check`, also what certainly fails with the inputs, functions and output as declared.
            LimitExceeded: it is too long, or nested too deeply.
            HostError: the sandbox cannot run here, or failed.
        """
        if self._asked_engine in (WHOLE, AUTO):
            survey = self.survey()
        else:
            survey = self._compiled_by(library_engine(self._asked_engine))
            if survey is None and self.plugin_config.type_check:
                survey = self._surveyed_elsewhere()
        if self.plugin_config.type_check and survey is not None:
            self._check_types(survey)

    def survey(self) -> Survey | None:
        """Return what the guest says of the source, which is compiled for it once; as untrusted as the source is.

        Raises:
            SourceRejected, LimitExceeded, HostError: as `check_source` does.
        """
        return self._compiled_by(library_engine(WHOLE))

    def _surveyed_elsewhere(self) -> Survey | None:
        """Return what `cpython` says of a source that another engine runs, None where it would not run it."""
        try:
            return self.survey()
        except SourceRejected as error:
            _LOG.warning("%s was not checked against its types: %s", self.name, error)
            return None

    def _compiled_by(self, engine: LibraryEngine) -> Survey | None:
        program = self._program if isinstance(self._program, CompiledOnce) else CompiledOnce(self._program)
        made = engine.compiled(program, self._limits)
        if isinstance(made, ErrorReport):
            raise exception_of(self._restored(made), self._limits)
        return program.survey(engine)

    def _check_types(self, survey: Survey) -> None:
        constants = dict.fromkeys(self._user_constants, ANY)
        inputs = {**constants, **self.interface.input_types}
        output = self.interface.output_type if self.interface.has_outputs() else ANY
        source = self._source.program()
        checked = check_types(source, survey, inputs=inputs, functions=self._functions, output=output)
        if checked.unchecked is not None:
            _LOG.warning("%s was not checked against its types: %s", self.name, checked.unchecked)
        errors = [*findings_of_names(survey, inputs=inputs, functions=self._functions), *checked.diagnostics]
        if errors := [one for one in errors if one.severity == "error"]:
            told = self._source.restore(refusal_of(errors, source))
            raise SourceRejected(told.kind, told.message, told.traceback, told.hint, told.violations)

    def from_source(self) -> None:
        """Run from the source, because there will be one run: compiling for the next would cost an isolate."""
        self._program = self._submitted()

    def _submitted(self) -> Program:
        return Program(
            source=self._source.program(),
            functions=tuple(function.spec() for function in self._functions.values()),
            guarded=self.plugin_config.policy == "guarded",
            stack_depth=self.plugin_config.max_stack_depth,
            env_vars=self.env_vars or {},
            reuse=reuse_of(self.reusable),
            interruptible=self.interruptible,
            image=reference_of(self.image),
        )

    def _check_size(self, value: Any, path: str) -> None:
        """Hold the values to `max_inline_io_bytes`, unless the engine does: it holds them to `value_bytes`."""
        most = self.max_inline_io_bytes
        if most >= self._limits.value_bytes:
            return
        try:
            values.encode(value, max_bytes=most)
        except ValueRejected as error:
            if error.code != "value_too_large":
                raise
            reason = f"takes more than the {most:,} bytes of max_inline_io_bytes"
            if path == "$":
                raise OutputRejected(path, reason, "return less, or allow more") from None
            raise ValueRejected(path, f"{reason}; pass less, or allow more") from None

    def _take_source(self) -> None:
        """Take the source from the function, unless it was given: a copy has that of its original."""
        if not self._user_source:
            taken = decorated(self.func)
            self._user_source, self._user_constants = taken.source, taken.constants
            self._user_functions = taken.functions

    def _check_plugin_config(self) -> None:
        config: object = self.plugin_config
        if not isinstance(config, SandboxedConfig):
            message = f"plugin_config must be a SandboxedConfig, not {config!r}"
            raise TypeError(message)
