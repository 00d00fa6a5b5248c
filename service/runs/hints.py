"""Hints that only the service can give, because only it knows which functions there are."""

import dataclasses
import re
from collections.abc import Container

from sandbox.templates.images import naming_images
from sandbox.turns import ErrorReport
from service.images import Images

_UNKNOWN_NAME = re.compile(r"name '(\w+)' is not defined")


def with_hint(
    error: ErrorReport | None, *, registered: Container[str], allowed: Container[str], images: Images
) -> ErrorReport | None:
    """Return the error, and for a function or an image that the submission does not name, that as its hint."""
    if error is not None and error.kind == "policy":
        return with_image_hint(error, images)
    unknown = _UNKNOWN_NAME.match(error.message) if error is not None and error.type == "NameError" else None
    if error is None or unknown is None or unknown[1] not in registered or unknown[1] in allowed:
        return error
    name = unknown[1]
    hint = f'"{name}" is registered, but the submission does not name it: submit it with "{name}" in `functions`'
    return dataclasses.replace(error, hint=hint)


def with_image_hint(error: ErrorReport, images: Images) -> ErrorReport:
    """Return the error, and for a module that is in a guest image, the name of that."""

    def hint(module: str) -> str | None:
        names = images.with_module(module)
        return f'a guest image has it: add "image": "{names[0]}" to the submission' if names else None

    return naming_images(error, hint)
