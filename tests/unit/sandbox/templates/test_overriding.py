"""Templates with some parameters changed, and templates that are pickled."""

import pickle
import weakref
from typing import Any

import pytest

from sandbox import (
    AsyncFunctionTaskTemplate,
    CodeTaskTemplate,
    DataFrame,
    Dir,
    File,
    Link,
    RetryStrategy,
    SandboxedConfig,
    TaskEnvironment,
    Timeout,
    orchestrator_from_str,
)
from sandbox.interface import NativeInterface

LINK = Link("logs", "https://logs.example/{run_id}")


def add(x: int, y: int = 1) -> int:
    """Add."""
    return x + y


def template() -> CodeTaskTemplate:
    """A template with parameters that are not at their defaults."""
    return orchestrator_from_str(
        "add(x)", inputs={"x": int}, output=int, tasks=[add], retries=2, timeout=5, links=LINK, limits={"calls": 7}
    )


def test_what_is_overridden_changes_in_the_new_template_only() -> None:
    """The rest is as it was."""
    made = template()
    changed = made.override(retries=RetryStrategy(5), short_name="s", plugin_config=SandboxedConfig(timeout_ms=9))

    assert (changed.retries, changed.short_name, changed.timeout) == (RetryStrategy(5), "s", Timeout(max_runtime=5))
    assert (changed.effective_limits.wall_seconds, changed.effective_limits.calls) == (0.009, 7)
    assert (made.retries, made.short_name) == (RetryStrategy(2), "sandboxed-code")
    assert isinstance(changed, CodeTaskTemplate)


def test_zero_and_nothing_reset_and_none_leaves_as_it_is() -> None:
    """In Flyte, a retry that was once given cannot be taken back."""
    changed = template().override(retries=0, timeout=0, links=(), limits={}, short_name=None)

    assert (changed.retries, changed.timeout, changed.links) == (RetryStrategy(0), Timeout(), ())
    assert changed.effective_limits.calls == 1_000
    assert changed.short_name == "sandboxed-code"
    assert template().override(reusable="off").reusable is None


@pytest.mark.parametrize("name", ["name", "image", "docs", "interface"])
def test_identity_cannot_be_overridden(name: str) -> None:
    """It would be another template."""
    with pytest.raises(ValueError, match=f"^{name.capitalize()} cannot be overridden$"):
        template().override(**{name: "x"})


@pytest.mark.parametrize("name", ["colour", "func", "_user_source", "task_type", "parent_env"])
def test_a_parameter_that_there_is_not_is_refused(name: str) -> None:
    """Whatever it would have meant."""
    with pytest.raises(
        TypeError, match=rf"^override\(\) got an unexpected parameter '{name}'; what can be overridden: "
    ):
        template().override(**{name: "x"})


def test_functions_have_no_limits_to_override() -> None:
    """Only what the class has."""
    made = AsyncFunctionTaskTemplate(name="add", interface=NativeInterface.from_callable(add), func=add)

    assert made.override(retries=3).retries == RetryStrategy(3)
    assert made.override(retries=3).__name__ == "add"
    with pytest.raises(TypeError, match="unexpected parameter 'limits'"):
        made.override(limits={"calls": 1})


def test_the_environment_is_replaced_whole_and_taken_back() -> None:
    """A mixture of two dictionaries would be neither's."""
    made = template().override(env_vars={"A": "1", "B": "2"})

    assert made.override(retries=1).env_vars == {"A": "1", "B": "2"}
    assert made.override(env_vars={"C": "3"}).env_vars == {"C": "3"}
    assert made.override(env_vars={}).env_vars == {}


@pytest.mark.parametrize("name", ["resources", "env_vars", "secrets"])
def test_reused_isolates_keep_what_they_were_made_with(name: str) -> None:
    """Refused before the value is looked at."""
    from sandbox import ReusePolicy

    with pytest.raises(
        ValueError,
        match=f"^Cannot override {name} when reusable is set: isolates that are kept have theirs; "
        "pass reusable='off' as well$",
    ):
        template().override(**{name: {}, "reusable": ReusePolicy()})


def test_a_pickled_template_is_whole_but_for_its_environment() -> None:
    """The name of the environment stays."""
    env = TaskEnvironment("shop")
    made = template()
    made.parent_env, made.parent_env_name = weakref.ref(env), "shop"
    copied: Any = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own

    assert (copied.parent_env, copied.parent_env_name) == (None, "shop")
    assert (copied._user_source, copied._user_functions, copied.retries) == ("add(x)", {"add": add}, RetryStrategy(2))
    assert copied.interface == made.interface
    assert copied.effective_limits == made.effective_limits
    assert copied.as_function().header() == "sandboxed_code(x: int) -> int"


@pytest.mark.parametrize("kind", [File, Dir, DataFrame, int, dict[str, list[int]], int | None, int | str | None])
def test_a_pickled_template_has_its_types(kind: Any) -> None:
    """Handles kept a template from being pickled; texts as keys, and None in a union, were not known again."""
    interface = NativeInterface.from_types({"x": kind}, {"o0": kind})
    made = CodeTaskTemplate(name="t", interface=interface, _user_source="x")

    copied = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own

    assert copied.json_schema == made.json_schema
    assert copied.interface.output_type.text == made.interface.output_type.text


env = TaskEnvironment(name="pickled")


@env.task
def double(x: int) -> int:
    """Return twice."""
    return x * 2


@env.sandbox.orchestrator
def triple(x: int) -> int:
    """Return three times."""
    return x * 3


@pytest.mark.parametrize("made", [double, triple], ids=["task", "sandboxed"])
def test_a_template_that_stands_in_its_module_is_pickled_by_its_name(made: Any) -> None:
    """As the function is in whose place it stands: in another process it is what that module has."""
    assert pickle.loads(pickle.dumps(made)) is made  # noqa: S301 - our own
