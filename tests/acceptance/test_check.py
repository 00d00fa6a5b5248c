"""POST /check, and type_check of POST /orchestrate: what is wrong with a program, before it runs."""

from typing import Any

import httpx
import pytest

PROGRAM = """
    total = add(x, "1")
    count = ad(total)
    total + limits
"""
SIGNATURE = "signature: add(x: int, y: int = 1) -> int"


def diagnostic(*place: int, severity: str, code: str, message: str, hint: str | None = None) -> dict[str, Any]:
    """Return a diagnostic as the answer has it."""
    line, column, end_line, end_column = place
    return {
        "line": line, "column": column, "end_line": end_line, "end_column": end_column,
        "severity": severity, "code": code, "message": message, "hint": hint,
    }  # fmt: skip


def check(client: httpx.Client, body: dict[str, Any], **parameters: str) -> dict[str, Any]:
    """Return the answer to a check."""
    response = client.post("/check", json=body, params=parameters)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_everything_that_is_wrong_is_said_at_once_and_nothing_runs(client: httpx.Client) -> None:
    """One round trip for whoever repairs the program, in the places of the text as it was sent."""
    body = {
        "source": PROGRAM, "functions": ["add"], "input_types": {"x": "int", "limit": "list[str]"}, "output": "int",
    }  # fmt: skip

    assert check(client, body) == {
        "ok": False,
        "diagnostics": [
            diagnostic(
                1, 1, 1, 1, severity="warning", code="unused-input",
                message="the program does not read its input 'limit'", hint="leave the input out, or use it",
            ),
            diagnostic(
                2, 20, 2, 23, severity="error", code="invalid-argument-type",
                message='Argument to function `add` is incorrect: Expected `int`, found `Literal["1"]`',
                hint=SIGNATURE,
            ),
            diagnostic(
                3, 13, 3, 15, severity="error", code="unknown-name", message="name 'ad' is not defined",
                hint='did you mean "add"?',
            ),
            diagnostic(
                4, 13, 4, 19, severity="error", code="unknown-name", message="name 'limits' is not defined",
                hint='did you mean "limit"?',
            ),
        ],
        "functions_used": ["add"],
        "json_schema": {
            "type": "object",
            "properties": {"x": {"type": "integer"}, "limit": {"type": "array", "items": {"type": "string"}}},
            "required": ["x", "limit"],
        },
    }  # fmt: skip


def test_a_sound_program_is_said_to_be_one(client: httpx.Client) -> None:
    """With values or without: they are not needed."""
    body = {"source": "add(x, 2)", "functions": ["add", "echo"], "inputs": {"x": 1}, "input_types": {"x": "int"}}
    schema = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}

    found = check(client, {**body, "output": "int"}, dialect="standard")

    assert found == {
        "ok": True,
        "diagnostics": [],
        "functions_used": ["add"],
        "json_schema": {**schema, "additionalProperties": False},
    }


def test_syntax_is_a_diagnostic(client: httpx.Client) -> None:
    """Nothing else is known of a text that is no program."""
    found = check(client, {"source": "```python\nx = (1,\n```"})

    assert found["ok"] is False
    assert [(one["line"], one["code"], one["message"]) for one in found["diagnostics"]] == [
        (2, "syntax", "'(' was never closed")
    ]


def test_every_violation_of_the_policy_is_a_diagnostic(client: httpx.Client) -> None:
    """All at once, as when it is run."""
    found = check(client, {"source": "import subprocess\nx = ().__class__.__bases__"})

    assert [(one["line"], one["column"], one["code"], one["severity"]) for one in found["diagnostics"]] == [
        (1, 8, "import-not-allowed", "error"),
        (2, 18, "attribute-not-allowed", "error"),
    ]


def test_a_registered_function_that_is_not_named_is_hinted_at(client: httpx.Client) -> None:
    """The whitelist of a run is what its body names."""
    found = check(client, {"source": "add(1)"})

    assert [one["hint"] for one in found["diagnostics"]] == [
        '"add" is registered, but the submission does not name it: add it to `functions`'
    ]


@pytest.mark.parametrize(
    ("body", "parameters", "status", "pointer"),
    [
        ({"source": "1", "functions": ["nope"]}, {}, 422, "/functions/0"),
        ({"source": "1", "output": "spam"}, {}, 422, "/output"),
        ({"source": "1", "inputs": {"x": "a"}, "input_types": {"x": "int"}}, {}, 422, "/inputs/x"),
        ({"source": "1"}, {"dialect": "klingon"}, 422, "?dialect"),
    ],
)
def test_a_body_that_could_not_be_run_cannot_be_checked(
    client: httpx.Client, body: dict[str, Any], parameters: dict[str, str], status: int, pointer: str
) -> None:
    """It is refused as POST /orchestrate refuses it."""
    response = client.post("/check", json=body, params=parameters)

    assert response.status_code == status
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_a_run_that_asks_for_it_is_checked_before(client: httpx.Client) -> None:
    """It fails before it makes a call, with kind `type` and every place; unasked, it runs until it meets the fault."""
    body = {"source": "  add(1)\n  add('x')", "functions": ["add"]}
    message = 'Argument to function `add` is incorrect: Expected `int`, found `Literal["x"]`'

    asked = client.post("/orchestrate", json={**body, "type_check": True}).json()
    unasked = client.post("/orchestrate", json=body).json()

    assert (asked["status"], asked["calls"]) == ("failed", [])
    assert asked["error"] == {
        "kind": "type",
        "type": "TypesRejected",
        "message": f"line 2: {message}",
        "traceback": [{"line": 2, "column": 7, "function": "<module>", "source": "add('x')"}],
        "hint": SIGNATURE,
        "violations": [
            {"line": 2, "column": 7, "code": "invalid-argument-type", "message": message, "hint": SIGNATURE}
        ],
    }
    assert (unasked["error"]["type"], len(unasked["calls"])) == ("TypeError", 2)


def test_a_run_that_nothing_is_wrong_with_runs(client: httpx.Client) -> None:
    """Being asked costs time, and changes nothing."""
    body = {"source": "add(1)", "functions": ["add"], "output": "int", "type_check": True}

    assert client.post("/orchestrate", json=body).json()["output"] == 2


def test_the_examples_of_the_document_work(client: httpx.Client) -> None:
    """They are pasted before anything is read."""
    document = client.get("/openapi.json").json()
    examples = document["paths"]["/check"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    found = {name: check(client, one["value"]) for name, one in examples.items()}

    assert {name: [one["code"] for one in answer["diagnostics"]] for name, answer in found.items()} == {
        "sound": [],
        "mistakes": ["unused-input", "invalid-output", "unknown-name"],
    }
