"""Functions as the tools that model providers know: what their APIs take under `tools`, as it is."""

import re
from collections.abc import Iterable
from typing import Any, Literal

from sandbox.dispatch import HostFunction

Provider = Literal["openai", "anthropic"]
# What both providers take as a name.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What OpenAI takes; the beginning is what a model chooses by.
_MAX_DESCRIPTION = 1_024


def can_be_tool(function: HostFunction) -> bool:
    """Whether providers take the function's name: an identifier of Python may have other letters, and more of them."""
    return _NAME.fullmatch(function.name) is not None


def tool_definitions(functions: Iterable[HostFunction], *, provider: Provider) -> list[dict[str, Any]]:
    """Return a definition for each function that can be a tool."""
    write = _openai if provider == "openai" else _anthropic
    return [write(function) for function in functions if can_be_tool(function)]


def _openai(function: HostFunction) -> dict[str, Any]:
    # Not strict: strict schemas have neither optional parameters nor free-form objects.
    told = {"name": function.name, "description": _description(function), "parameters": function.parameters_schema()}
    return {"type": "function", "function": {**told, "strict": False}}


def _anthropic(function: HostFunction) -> dict[str, Any]:
    return {
        "name": function.name,
        "description": _description(function),
        "input_schema": function.parameters_schema(),
    }


def _description(function: HostFunction) -> str:
    """Return what the function does, and what it gives: a definition has no other place for that."""
    given = function.returned_fields() or function.returns.text
    told = "\n\n".join(part for part in (function.told(), f"Returns: {given}") if part)
    return told if len(told) <= _MAX_DESCRIPTION else told[: _MAX_DESCRIPTION - 3] + "..."
