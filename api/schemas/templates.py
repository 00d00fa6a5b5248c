"""Bodies about templates, as the OpenAPI document shows them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from api.schemas.submission import WITH_SOURCE, SubmissionBody
from service.templates.documents import OF_RUNS, OVERRIDABLE, VERSION


def _members(names: set[str]) -> dict[str, Any]:
    known = SubmissionBody.model_fields
    return {name: (known[name].annotation, known[name]) for name in known if name in names}


def _version() -> dict[str, Any]:
    return {VERSION: (str | None, Field(default=None, description="sha256:...; the current version by default"))}


TemplateBody: type[BaseModel] = create_model(
    "TemplateBody",
    __doc__="A program to keep: a submission without the values and what concerns one run alone.",
    __config__=ConfigDict(strict=True, extra="forbid", title="Template", json_schema_extra=WITH_SOURCE),
    **_members(set(SubmissionBody.model_fields) - {*OF_RUNS}),
)
TemplateRunBody: type[BaseModel] = create_model(
    "TemplateRunBody",
    __doc__="Inputs of a run of a template, and what is to be otherwise than in the template.",
    __config__=ConfigDict(strict=True, extra="forbid", title="TemplateRun"),
    **_members({*OF_RUNS, *OVERRIDABLE}),
    **_version(),
)


class TemplateVersionBody(BaseModel):
    """A version of a template."""

    model_config = ConfigDict(title="TemplateVersion")

    name: str = Field(description="name of the template")
    version: str = Field(description="digest of the body, sha256:...")
    is_current: bool = Field(description="whether runs use it if they name no version")
    created_at: str = Field(description="when it was stored")


class KeptTemplateBody(TemplateVersionBody):
    """A version of a template, whole."""

    model_config = ConfigDict(title="KeptTemplate")

    template: dict[str, Any] = Field(description="the body, with the template's name")
    json_schema: dict[str, Any] = Field(description="JSON Schema of the inputs")


class TemplateVersionsBody(BaseModel):
    """Versions of templates."""

    model_config = ConfigDict(title="TemplateVersions")

    data: list[TemplateVersionBody] = Field(description="versions")
