"""Whatever a caller sends, the service never answers with a 5xx of its own making."""

import json
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FIELDS = [
    "source", "code", "inputs", "functions", "input_types", "output", "limits", "name", "engine", "seed", "now",
    "wait_seconds", "metadata", "durable", "cache", "retries", "timeout", "client_functions", "anything",
]  # fmt: skip
LIMITS = ["fuel", "cpu_seconds", "wall_seconds", "memory_bytes", "output_bytes", "value_bytes", "calls", "spam"]
SOURCES = ["1", "x", "x * 2", "add(1)", "raise ValueError(x)", "print(x)", "[x] * 3", "def f(:", "", "import os", "\0"]
TYPES = [
    "int",
    "list[str]",
    "Any",
    "dict[str, float] | None",
    "bytes",
    "datetime",
    "Decimal",
    "Literal[1]",
    "x",
    "list[",
]
NAMES = st.sampled_from(["x", "add", "print", "class", "__x__", "a b", "", "\ud7ff", "\U0001f600", "fi\ufb01"])

values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([10**9])
likely: Any = st.fixed_dictionaries(
    {"source": st.sampled_from(SOURCES) | st.text(max_size=30)},
    optional={
        "inputs": st.dictionaries(NAMES | st.text(max_size=5), values, max_size=3),
        "input_types": st.dictionaries(NAMES, st.sampled_from(TYPES) | st.text(max_size=12), max_size=3),
        "output": st.sampled_from(TYPES) | st.text(max_size=12),
        "functions": st.lists(NAMES, max_size=3),
        "limits": st.dictionaries(st.sampled_from(LIMITS), numbers | values, max_size=3),
        "seed": numbers,
        "now": st.sampled_from(["2026-01-31T12:00:00Z", "2026", "9999-12-31T23:59:59-23:59"]) | st.text(max_size=12),
    },
)
unlikely: Any = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), values, max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=likely | unlikely | values)
def test_any_json_gets_a_run_or_a_refusal(client: httpx.Client, body: Any) -> None:
    """A 500 would say that the caller found something that nobody thought of."""
    content = json.dumps(body, ensure_ascii=True).encode()
    response = client.post("/orchestrate", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code in (200, 403, 413, 422), response.text
    if response.status_code == 200:
        error = response.json()["error"]
        assert error is None or error["kind"] != "platform", (body, error)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_any_bytes_get_a_refusal(client: httpx.Client, content: bytes) -> None:
    """The same, one layer down."""
    response = client.post("/orchestrate", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 422
