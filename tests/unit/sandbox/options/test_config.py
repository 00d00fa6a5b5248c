"""The configuration of a sandboxed template: what it means, and what is refused."""

from typing import Any

import pytest

from sandbox.limits import MIB, Limits
from sandbox.options import SandboxedConfig


def test_memory_is_what_the_program_may_add() -> None:
    """Flyte's 50 MiB would leave a program half of that, with an interpreter inside."""
    config = SandboxedConfig(max_memory=50 * MIB, timeout_ms=1_500)

    assert config == SandboxedConfig(timeout_ms=1_500)
    assert config.limits() == Limits(memory_bytes=71 * MIB, wall_seconds=1.5)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"max_memory": "1G"}, TypeError, "max_memory must be a whole number, not '1G'"),
        ({"timeout_ms": 1.5}, TypeError, "timeout_ms must be a whole number, not 1.5"),
        ({"timeout_ms": True}, TypeError, "timeout_ms must be a whole number, not True"),
        ({"policy": "none"}, ValueError, 'policy must be "guarded" or "open", not \'none\''),
        ({"type_check": 1}, TypeError, "type_check must be True or False, not 1"),
        ({"timeout_ms": 0}, ValueError, "timeout_ms must be from 1 to 604,800,000, not 0"),
        ({"max_memory": -1}, ValueError, "max_memory must be from 3,145,728 to 2,125,463,552, not -1"),
        ({"max_stack_depth": 10}, ValueError, "max_stack_depth must be from 32 to 10,000, not 10"),
        ({"timeout_ms": 10**12}, ValueError, "timeout_ms must be from 1 to 604,800,000, not 1,000,000,000,000"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], kind: type[Exception], message: str) -> None:
    """No parameter is accepted and ignored."""
    with pytest.raises(kind) as refused:
        SandboxedConfig(**given)

    assert str(refused.value) == message
