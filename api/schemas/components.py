"""All shapes, for the OpenAPI document."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.schemas.answers import (
    CallsBody,
    CheckBody,
    EventLineBody,
    HealthBody,
    PatchPreviewBody,
    ProblemBody,
    RunBody,
    RunsBody,
    ServerEventBody,
)
from api.schemas.conversation import ForkBody, PatchBody, ResumeBody
from api.schemas.functions import FunctionBody, FunctionsBody
from api.schemas.images import ImagesBody
from api.schemas.submission import SubmissionBody
from api.schemas.templates import KeptTemplateBody, TemplateBody, TemplateRunBody, TemplateVersionsBody

Shape = type[BaseModel]
_SHAPES: tuple[Shape, ...] = (
    TemplateBody,
    TemplateRunBody,
    KeptTemplateBody,
    TemplateVersionsBody,
    SubmissionBody,
    RunsBody,
    CallsBody,
    ResumeBody,
    PatchBody,
    ForkBody,
    RunBody,
    PatchPreviewBody,
    CheckBody,
    FunctionBody,
    FunctionsBody,
    ImagesBody,
    ServerEventBody,
    EventLineBody,
    HealthBody,
    ProblemBody,
)


def component_schemas() -> dict[str, Any]:
    """Return the schemas of all shapes, by title, for the OpenAPI document."""
    _, document = models_json_schema(
        [(model, "validation") for model in _SHAPES], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = document["$defs"]
    return schemas


def reference(model: Shape) -> dict[str, str]:
    """Return a reference to a shape in the OpenAPI document."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}
