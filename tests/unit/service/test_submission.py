"""A submission as the store keeps it: read back, it is the same program with the same terms."""

from dataclasses import replace

from sandbox.options import Cache, Link
from service.functions.client import ClientFunction
from service.runs.submission import Submission, read_submission_text, write_submission

WHOLE = Submission(
    source="f(x)\n'é\0'",
    inputs={"x": 2**70, "y": [1.5, None, {"a": "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")}]},
    functions=("f", "g"),
    client_functions=(
        ClientFunction(name="ask", parameters={"type": "object", "properties": {}}, on_timeout={"output": [1]}),
    ),
    input_types={"x": "int"},
    output="int",
    name="n",
    engine="cpython",
    limits={"fuel": 5, "wall_seconds": 2.5},
    wait_seconds=3.0,
    durable=True,
    seed=7,
    now=1_500_000_000,
    metadata={"a": [1]},
    env_vars={"A": "b"},
    links=(Link("logs", "https://logs.example/?run={run_id}"),),
    docs="d",
    report=True,
)


def test_a_submission_is_read_as_it_was_written() -> None:
    """Whoever goes on with a run has only this text."""
    text = write_submission(WHOLE)

    assert read_submission_text(text) == replace(WHOLE, size_bytes=len(text))


def test_what_was_not_said_is_not_written() -> None:
    """A thousand runs that wait are a thousand of these."""
    assert write_submission(Submission(source="1", cache=Cache("auto"))) == '{"source":"1"}'
