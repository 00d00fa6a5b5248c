"""A name that there is not is refused with the one that was probably meant, wherever parameters are given."""

import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import Cache, File, ReusePolicy, SandboxedConfig, TaskEnvironment, Timeout, steps

env = TaskEnvironment(name="advice")
REFUSED: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
    (
        env.sandbox.orchestrator, {"retry": 2},
        "orchestrator() got an unexpected parameter 'retry'; did you mean 'retries'?",
    ),
    (env.task, {"retry": 2}, "task() got an unexpected parameter 'retry'; did you mean 'retries'?"),
    (
        SandboxedConfig, {"maxmem": 1},
        "SandboxedConfig() got an unexpected parameter 'maxmem'; did you mean 'max_memory'?",
    ),
    (File, {"pth": "a"}, "File() got an unexpected parameter 'pth'; did you mean 'path'?"),
    (Cache, {"behaviour": "auto"}, "Cache() got an unexpected parameter 'behaviour'; did you mean 'behavior'?"),
    (TaskEnvironment, {"nme": "a"}, "TaskEnvironment() got an unexpected parameter 'nme'; did you mean 'name'?"),
    (
        TaskEnvironment, {"name": "a", "colour": 1},
        "TaskEnvironment() got an unexpected parameter 'colour'; parameters: cache, description, env_vars, image, "
        "name, plugin_config, resources, secrets",
    ),
    (
        Timeout, {"zzz": 1},
        "Timeout() got an unexpected parameter 'zzz'; parameters: deadline, max_queued_time, max_runtime",
    ),
    (steps, {"run": 5}, "steps() takes a run, as run(template, ...) returns it, not int"),
]  # fmt: skip


def double(x: int) -> int:
    """Return twice as much."""
    return 2 * x


@pytest.mark.parametrize(("make", "given", "message"), REFUSED)
def test_a_parameter_that_there_is_not_is_refused_with_the_nearest_one(
    make: Callable[..., Any], given: dict[str, Any], message: str
) -> None:
    """Where it is written, and in the words of who wrote it: not of a class below."""
    with pytest.raises(TypeError) as refused:
        make(**given)

    assert str(refused.value) == message


def test_a_class_that_advises_is_otherwise_as_it_was() -> None:
    """Its signature is what editors show; its objects are pickled and compared."""
    assert list(inspect.signature(ReusePolicy).parameters)[:1] == ["replicas"]
    assert pickle.loads(pickle.dumps(Timeout(max_runtime=5))) == Timeout(max_runtime=5)  # noqa: S301 - our own
    assert env.sandbox.orchestrator(retries=2, name="named")(double).name == "named"
