"""The prompt for models: made from the policy, and true of the guest."""

import re

import pytest

from sandbox import ORCHESTRATOR_SYNTAX_PROMPT, orchestrate_local, policy


def test_it_names_whatever_the_policy_allows() -> None:
    """A module or rule that is added is in the prompt."""
    (modules,) = re.findall(r"Modules that can be imported: (.*)\.\n", ORCHESTRATOR_SYNTAX_PROMPT)
    (names,) = re.findall(r"Of asyncio: (.*)\.\n", ORCHESTRATOR_SYNTAX_PROMPT)
    (of_os,) = re.findall(r"Of os: (.*)\.$", ORCHESTRATOR_SYNTAX_PROMPT)

    assert modules.split(", ") == [*policy.MODULES]
    assert names.split(", ") == [*policy.ASYNCIO_NAMES]
    assert of_os.split(", ") == [*policy.OS_NAMES]
    for rule in (*policy.SYNTAX, *policy.RULES.values(), *policy.REFUSED):
        assert f"- {rule}\n" in ORCHESTRATOR_SYNTAX_PROMPT


async def add(x: int, y: int) -> int:
    """Add."""
    return x + y


SOURCES = {
    "the last expression is the value": ("1\n2", 2),
    "an async function waits without await": ("add(1, 2)", 3),
    "and is awaited at the top level": ("await add(1, 2)", 3),
    "its example of a map": ("xs = [1, 2]\nys = [3, 4]\nflyte_map('add', xs, ys, concurrency=4)", [4, 6]),
    "objects of classes as dictionaries": (
        "import dataclasses\n@dataclasses.dataclass\nclass A:\n    n: int\ndataclasses.asdict(A(1))",
        {"n": 1},
    ),
}


@pytest.mark.parametrize("claim", SOURCES)
async def test_what_it_says_of_programs_is_so(claim: str) -> None:
    """Each in the guest itself."""
    source, value = SOURCES[claim]

    assert await orchestrate_local(source, inputs={}, tasks=[add]) == value
