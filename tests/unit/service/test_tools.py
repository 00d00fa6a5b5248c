"""Functions as tools of model providers."""

from typing import Any

from sandbox.dispatch import HostFunction
from sandbox.terms import Terms
from service.functions.tools import Provider, tool_definitions
from tests.provider_tools import AnthropicTool, OpenAiTool


def find(email: str, limit: int = 5, *tags: str, **filters: float) -> list[dict[str, Any]]:
    """Find customers."""
    return [{"email": email, "limit": limit, "tags": tags, "filters": filters}]


def nothing() -> None:
    return None


def été(x: int) -> int:
    return x


FIND = HostFunction.of(find, terms=Terms.of(effect="read"))
SCHEMA = {
    "type": "object",
    "properties": {
        "email": {"type": "string"},
        "limit": {"type": "integer", "default": 5},
        "args": {"type": "array", "items": {"type": "string"}},
        "kwargs": {"type": "object", "additionalProperties": {"type": "number"}},
    },
    "required": ["email"],
    "additionalProperties": False,
}
TOLD = "Find customers.\n\nEffect: read. It changes nothing.\n\nReturns: list[dict[str, Any]]"


def definitions(*functions: Any, provider: Provider = "openai") -> list[dict[str, Any]]:
    """The definitions of functions, in the shape that their provider documents."""
    made = tool_definitions([HostFunction.of(one) if callable(one) else one for one in functions], provider=provider)
    for one in made:
        (OpenAiTool if provider == "openai" else AnthropicTool).model_validate(one)
    return made


def test_a_function_is_a_tool_of_openai() -> None:
    """A caller passes the list on as it is."""
    assert definitions(FIND) == [
        {
            "type": "function",
            "function": {"name": "find", "description": TOLD, "parameters": SCHEMA, "strict": False},
        }
    ]


def test_a_function_is_a_tool_of_anthropic() -> None:
    """The same, in other words."""
    assert definitions(FIND, provider="anthropic") == [{"name": "find", "description": TOLD, "input_schema": SCHEMA}]


def test_a_function_without_parameters_has_an_empty_schema() -> None:
    """Both providers want an object all the same."""
    (tool,) = definitions(nothing, provider="anthropic")

    assert tool["description"] == "Returns: None"
    assert tool["input_schema"] == {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def test_names_that_providers_refuse_are_left_out() -> None:
    """One bad name would have the whole list refused."""
    long = HostFunction.of(nothing, name="n" * 65)

    assert [tool["name"] for tool in definitions(été, nothing, long, provider="anthropic")] == ["nothing"]


def test_a_long_description_is_cut() -> None:
    """At the length that OpenAI takes."""
    (tool,) = definitions(HostFunction.of(nothing, description="x" * 5_000))

    assert tool["function"]["description"] == "x" * 1_021 + "..."


def test_stubs_say_in_both_modes_what_is_told() -> None:
    """Description and effect, for programs that await and for those that do not."""

    async def ask() -> int:
        """Ask."""
        return 1

    function = HostFunction.of(ask, terms=Terms.of(effect="idempotent"))
    told = (
        'def ask() -> int:\n    """Ask.\n\n'
        '    Effect: idempotent. Calling it again with the same arguments changes nothing more.\n    """\n    ...'
    )

    assert (function.stub("sync"), function.stub("async")) == (told, f"async {told}")
