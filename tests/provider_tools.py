"""The tools of model providers as their documentation has them, for tests: closed, so that a wrong member is seen.

OpenAI: https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools
Anthropic: https://docs.anthropic.com/en/api/messages#body-tools
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


class Closed(BaseModel):
    """A shape without further members, whose values are what they are."""

    model_config = ConfigDict(extra="forbid", strict=True)


class InputSchema(Closed):
    """A JSON Schema whose root is an object, and no choice between several."""

    type: Literal["object"]
    properties: dict[str, dict[str, Any]]
    required: list[str]
    additionalProperties: Literal[False]  # noqa: N815 - JSON Schema's


class OpenAiFunction(Closed):
    """The function of a tool."""

    name: Name
    description: Annotated[str, Field(max_length=1024)]
    parameters: InputSchema
    strict: bool


class OpenAiTool(Closed):
    """A tool of the Chat Completions API."""

    type: Literal["function"]
    function: OpenAiFunction


class AnthropicTool(Closed):
    """A tool of the Messages API."""

    name: Name
    description: str
    input_schema: InputSchema
