"""The parameters that every template has: one form, or a refusal that says what to write."""

import datetime
import json
import pickle
from typing import Any

import pytest

from sandbox import (
    AsyncFunctionTaskTemplate,
    Cache,
    CodeTaskTemplate,
    Cron,
    Documentation,
    FixedRate,
    Image,
    Limits,
    Link,
    PodTemplate,
    Resources,
    RetryStrategy,
    ReusePolicy,
    SandboxedConfig,
    Timeout,
    Trigger,
    ValueRejected,
    orchestrator_from_str,
)
from sandbox.interface import NativeInterface
from sandbox.limits import MIB

DOCUMENTED = '''
# A comment first.
"""Double it.

    Twice the \\"same\\".
"""
x * 2
'''


def template(**parameters: Any) -> CodeTaskTemplate:
    """A code template with these parameters."""
    return orchestrator_from_str("x", inputs={"x": int}, output=int, **parameters)


def of_function(**parameters: Any) -> AsyncFunctionTaskTemplate[Any, Any]:
    """A function's template with these parameters."""

    def add(x: int) -> int:
        """Add one."""
        return x + 1

    return AsyncFunctionTaskTemplate(name="add", interface=NativeInterface.from_callable(add), func=add, **parameters)


def test_what_was_not_given_has_its_default() -> None:
    """In the one form that it has once a template is made."""
    made = template()

    assert made.short_name == "sandboxed-code"
    assert (made.task_type, made.task_type_version) == ("sandboxed-python", 0)
    assert (made.cache, made.retries, made.timeout) == (Cache("disable"), RetryStrategy(0), Timeout())
    assert (made.docs, made.env_vars, made.secrets, made.resources, made.reusable) == (None,) * 5
    assert (made.interruptible, made.report, made.debuggable) == (False,) * 3
    assert (made.triggers, made.links, made.max_inline_io_bytes) == ((), (), 10 * MIB)
    assert (made.parent_env, made.parent_env_name, made.task_resolver) == (None, None, None)
    assert made._call_as_synchronous
    assert of_function().task_type == "python"


def test_parameters_are_brought_into_one_form() -> None:
    """However they were given."""
    made = template(
        short_name="s",
        retries=2,
        timeout=datetime.timedelta(seconds=5),
        docs="Text.",
        image=Image.from_guest_base(),
        links=Link("logs", "https://logs.example/{run_id}"),
    )

    assert (made.short_name, made.retries, made.timeout) == ("s", RetryStrategy(2), Timeout(max_runtime=5))
    assert made.docs == Documentation("Text.")
    assert made.links == (Link("logs", "https://logs.example/{run_id}"),)


def test_documentation_is_what_the_source_begins_with() -> None:
    """Of a code string its leading text, of a function its docstring; a given one comes first."""
    assert orchestrator_from_str(DOCUMENTED, inputs={"x": int}).docs == Documentation('Double it.\n\nTwice the "same".')
    assert orchestrator_from_str("'one line'; x", inputs={"x": int}).docs == Documentation("one line")
    assert orchestrator_from_str("f'{x}'", inputs={"x": int}).docs is None
    assert orchestrator_from_str("'a' + 'b'", inputs={}).docs is None
    assert of_function().docs == Documentation("Add one.")
    assert of_function(docs=Documentation("Other.")).docs == Documentation("Other.")


def test_the_source_file_is_where_the_source_stands() -> None:
    """The file that made a code template, and that of a function."""
    assert template().source_file == __file__
    assert of_function().source_file == __file__
    assert AsyncFunctionTaskTemplate(name="t", interface=NativeInterface.from_types({}), func=len).source_file is None


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, Limits(memory_bytes=71 * MIB)),
        ({"timeout_ms": 5_000}, Limits(memory_bytes=71 * MIB, wall_seconds=5.0)),
        ({"limits": {"calls": 5_000}}, Limits(memory_bytes=71 * MIB, calls=5_000)),
        ({"limits": Limits(memory_bytes=256 * MIB)}, Limits(memory_bytes=256 * MIB)),
        (
            {"limits": {"memory_bytes": 256 * MIB}, "resources": Resources(memory="128Mi")},
            Limits(memory_bytes=128 * MIB),
        ),
        ({"resources": Resources(memory=("1Mi", "128Mi"))}, Limits(memory_bytes=128 * MIB)),
        (
            {"plugin_config": SandboxedConfig(max_memory=10 * MIB), "resources": Resources(memory="128Mi")},
            Limits(memory_bytes=31 * MIB),
        ),
        ({"limits": {"wall_seconds": 60.0}}, Limits(memory_bytes=71 * MIB, wall_seconds=60.0)),
        ({"limits": {"wall_seconds": 60.0}, "timeout_ms": 1_000}, Limits(memory_bytes=71 * MIB, wall_seconds=1.0)),
        ({"max_inline_io_bytes": 20 * MIB}, Limits(memory_bytes=71 * MIB, value_bytes=20 * MIB)),
        ({"max_inline_io_bytes": 1}, Limits(memory_bytes=71 * MIB)),
    ],
)
def test_the_smallest_of_several_bounds_holds(parameters: dict[str, Any], expected: Limits) -> None:
    """Defaults count only where nothing else was asked for."""
    assert template(**parameters).effective_limits == expected


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"short_name": 3}, TypeError, "short_name must be a text, not 3"),
    (
        {"task_type": "spark"},
        ValueError,
        "task_type='spark', version 0, has no plugin: leave it at 'sandboxed-python', version 0",
    ),
    (
        {"task_type_version": 1},
        ValueError,
        "task_type='sandboxed-python', version 1, has no plugin: leave it at 'sandboxed-python', version 0",
    ),
    ({"image": 3}, TypeError, "image must be 'auto', an Image, the reference of one, or None, not 3"),
    ({"resources": "1Gi"}, TypeError, "resources must be a Resources or None, not '1Gi'"),
    (
        {"resources": Resources(gpu="T4:1")},
        ValueError,
        "resources.gpu='T4:1' is not supported: an isolate computes on one core, and has memory only; "
        "pass Resources(memory=...)",
    ),
    (
        {"resources": Resources(memory="1Mi")},
        ValueError,
        "resources.memory='1Mi' is not possible: an isolate has from 25,165,824 to 2,147,483,648 bytes, 22,020,096 of "
        "them for the interpreter",
    ),
    ({"interruptible": None}, TypeError, "interruptible must be True or False, not None"),
    (
        {"reusable": ReusePolicy(concurrency=3)},
        ValueError,
        "reusable.concurrency=3 is not supported: an isolate holds one run at a time; leave it at 1, and pass "
        "replicas=6",
    ),
    (
        {"reusable": ReusePolicy(scope="run")},
        ValueError,
        "reusable.scope='run' is not supported: a run has one isolate as it is; leave it at 'global', or leave "
        "reusable out",
    ),
    (
        {"reusable": ReusePolicy(replicas=0)},
        ValueError,
        "reusable.replicas=(0, 0) leaves no isolate to run in: allow at least 1",
    ),
    ({"reusable": "yes"}, TypeError, "reusable must be a ReusePolicy or None, not 'yes'"),
    ({"docs": 3}, TypeError, "docs must be a Documentation or None, not 3"),
    ({"env_vars": {"A": 1}}, TypeError, "env_vars must be a dictionary from text to text; the value of 'A' is no text"),
    ({"timeout": "5s"}, ValueError, "timeout must be a number of seconds or a timedelta, not '5s'"),
    ({"pod_template": 3}, TypeError, "pod_template must be a PodTemplate or None, not 3"),
    ({"report": 1}, TypeError, "report must be True or False, not 1"),
    ({"queue": ""}, ValueError, "queue must have 1 to 256 characters, not 0"),
    ({"queue": 3}, TypeError, "queue must be a text, not 3"),
    ({"debuggable": None}, TypeError, "debuggable must be True or False, not None"),
    ({"max_inline_io_bytes": 0}, ValueError, "max_inline_io_bytes must be a whole number of at least 1, not 0"),
    (
        {"triggers": Trigger.hourly()},
        ValueError,
        "trigger 'hourly' leaves the input 'x' without a value: give it one, ",
    ),
    ({"triggers": Trigger.hourly(inputs={"y": 1})}, ValueError, "trigger 'hourly' gives 'y', which is no input: x"),
    ({"triggers": Trigger.hourly(inputs={"x": "1"})}, ValueRejected, "trigger 'hourly' input 'x' "),
    (
        {"triggers": (Trigger.hourly(inputs={"x": 1}), Trigger.daily(name="hourly", inputs={"x": 1}))},
        ValueError,
        "two triggers have the name 'hourly': rename one",
    ),
    ({"triggers": [1]}, TypeError, "triggers must be a Trigger or a tuple of them, not [1]"),
    ({"links": 3}, TypeError, "links must be a Link or a tuple of them, not 3"),
    (
        {"task_resolver": 3},
        TypeError,
        "task_resolver must have import_path, loader_args() and load_task(), as Flyte's have, not 3",
    ),
    ({"limits": 3}, TypeError, "limits must be a Limits, a dictionary or None, not 3"),
    (
        {"limits": {"speed": 1}},
        ValueError,
        "there is no limit 'speed'; limits: fuel, cpu_seconds, wall_seconds, memory_bytes, ",
    ),
    ({"limits": {"calls": -1}}, ValueError, "limit 'calls' must be a whole number from 0 to 1,000,000, not -1"),
    ({"engine": "v8"}, ValueError, "there is no engine 'v8'; engines: cpython"),
    (
        {"timeout_ms": 5, "plugin_config": SandboxedConfig()},
        ValueError,
        "timeout_ms and plugin_config were both given: put timeout_ms into the SandboxedConfig",
    ),
    ({"retry": 2}, TypeError, "orchestrator_from_str() got an unexpected parameter 'retry'; did you mean 'retries'?"),
    ({"task": [len]}, TypeError, "orchestrator_from_str() got an unexpected parameter 'task'; did you mean 'tasks'?"),
    ({"input": {}}, TypeError, "orchestrator_from_str() got an unexpected parameter 'input'; did you mean 'inputs'?"),
    ({"tasks": len}, TypeError, "tasks must be a list of functions: write tasks=[...]"),
    (
        {"type_check": False},
        TypeError,
        "orchestrator_from_str() got an unexpected parameter 'type_check'; "
        "write plugin_config=SandboxedConfig(type_check=...)",
    ),
]


@pytest.mark.parametrize(("parameters", "kind", "message"), REFUSED)
def test_what_has_no_meaning_is_refused_by_name(
    parameters: dict[str, Any], kind: type[Exception], message: str
) -> None:
    """None is accepted and ignored."""
    with pytest.raises(kind) as refused:
        template(**parameters)

    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"resources": Resources(memory="1Gi")}, "resources=Resources("),
        ({"max_inline_io_bytes": 5}, "max_inline_io_bytes=5 is not supported yet for AsyncFunctionTaskTemplate: "),
        ({"cache": "auto"}, "cache=Cache("),
        (
            {"interruptible": True},
            "interruptible=True is not supported yet for AsyncFunctionTaskTemplate: a function runs in no isolate that "
            "it could give up",
        ),
        ({"reusable": ReusePolicy()}, "reusable=ReusePolicy("),
        (
            {"timeout": Timeout(max_queued_time=5)},
            "timeout.max_queued_time is not supported for AsyncFunctionTaskTemplate",
        ),
    ],
)
def test_a_function_in_the_callers_process_refuses_what_bounds_an_isolate(
    parameters: dict[str, Any], message: str
) -> None:
    """It would not be true."""
    with pytest.raises(ValueError, match=r"not supported") as refused:
        of_function(**parameters)

    assert str(refused.value).startswith(message)


def test_a_function_must_be_one() -> None:
    """Found when the template is made."""
    not_a_function: Any = "add"

    with pytest.raises(TypeError, match=r"^func must be callable, not 'add'$"):
        AsyncFunctionTaskTemplate(name="t", interface=NativeInterface.from_types({}), func=not_a_function)


def test_a_backend_is_told_where_and_when() -> None:
    """What does nothing here is kept for whoever it is for; a pickled template keeps it, too."""
    made = template(
        queue="nightly",
        pod_template=PodTemplate({"containers": []}, labels={"team": "a"}),
        triggers=(
            Trigger("night", Cron("0 3 * * *", "Europe/Berlin"), inputs={"x": 1}),
            Trigger("often", FixedRate(5, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)), inputs={"x": 2}),
            Trigger("by hand", inputs={"x": 3}),
        ),
    )
    copied = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own
    told = copied.custom_config(None)

    assert (copied.triggers, copied.pod_template, copied.queue) == (made.triggers, made.pod_template, "nightly")
    assert told["queue"] == "nightly"
    assert json.loads(told["pod_template"]) == {
        "pod_spec": {"containers": []}, "primary_container_name": "primary", "labels": {"team": "a"},
        "annotations": None,
    }  # fmt: skip
    assert [(one["name"], one["automation"], one["inputs"]) for one in json.loads(told["triggers"])] == [
        ("night", {"cron": "0 3 * * *", "timezone": "Europe/Berlin"}, {"x": 1}),
        ("often", {"interval_minutes": 5, "start_time": "2026-01-01T00:00:00+00:00"}, {"x": 2}),
        ("by hand", None, {"x": 3}),
    ]
    assert json.loads(template(pod_template="named").custom_config(None)["pod_template"]) == "named"


class _Resolver:
    """Finds templates by their name."""

    import_path = "flows.resolver"

    def loader_args(self, template: Any, _root_dir: Any) -> list[str]:
        return ["name", template.name]

    def load_task(self, _loader_args: list[str]) -> Any:
        raise NotImplementedError


def test_a_backend_is_told_how_to_find_the_template() -> None:
    """As the resolver says, which has Flyte's protocol."""
    told = template(name="found", task_resolver=_Resolver()).custom_config(None)

    assert (told["task_resolver"], told["loader_args"]) == ("flows.resolver", '["name", "found"]')


def test_a_function_is_not_run_in_a_container() -> None:
    """Said, not answered with an empty list; what does not apply is None or nothing, of functions too."""
    with pytest.raises(NotImplementedError, match=r"^container_args\(\) is for sandboxed templates, and "):
        of_function().container_args(None)
    for made in (template(), of_function()):
        assert (made.config(None), made.data_loading_config(None), made.sql(None)) == ({}, None, None)
    assert of_function().custom_config(None) == {}


def test_the_time_of_a_trigger_stands_for_an_input() -> None:
    """Also after pickling: it is one object."""
    made = orchestrator_from_str("when", inputs={"when": datetime.datetime}, triggers=Trigger.hourly("when"))
    copied = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own

    for one in (made, copied):
        assert json.loads(one.custom_config(None)["triggers"])[0]["inputs"] == {"when": {"$trigger_time": True}}


@pytest.mark.parametrize(
    ("name", "value"), [("queue", "q"), ("pod_template", "p"), ("triggers", Trigger.hourly(inputs={"x": 1}))]
)
def test_a_function_has_no_queue_pod_or_schedule(name: str, value: Any) -> None:
    """It is called where it is called."""
    with pytest.raises(ValueError, match=rf"^{name}=.* is not supported yet for AsyncFunctionTaskTemplate: "):
        of_function(**{name: value})


def test_a_backend_is_told_what_runs() -> None:
    """Flyte sends neither the source nor the limits."""
    made = template(limits={"calls": 3})
    told = made.custom_config(None)

    assert (told["source"], told["functions"], told["engine"]) == ("x", "[]", "cpython")
    assert told["source_digest"] == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert '"calls": 3' in told["limits"]
    assert (told["policy"], told["max_stack_depth"]) == ("guarded", "256")
    assert (made.config(None), made.data_loading_config(None), made.sql(None)) == ({}, None, None)


@pytest.mark.parametrize(
    ("inputs", "output", "message"),
    [
        (["x"], int, "inputs must be a dictionary by name, as in {'x': int}, not list"),
        ({"x": "int"}, int, "Sandboxed task input 'x' must be a type, and is the text 'int': write it without quotes"),
        ({"x": int}, "int", "Sandboxed task output must be a type, and is the text 'int': write it without quotes"),
    ],
)
def test_types_in_another_form_are_refused_in_their_own_words(inputs: Any, output: Any, message: str) -> None:
    """Over HTTP types are texts, so that texts are what somebody tries."""
    with pytest.raises(TypeError) as raised:
        orchestrator_from_str("x", inputs=inputs, output=output)

    assert str(raised.value) == message
