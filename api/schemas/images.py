"""Guest images as callers see them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.images.wheels import top_levels
from service.images import NamedImage


class PackageBody(BaseModel):
    """A package of a guest image."""

    model_config = ConfigDict(title="ImagePackage")

    name: str = Field(description="name of the package")
    version: str = Field(description="its version")


class ImageBody(BaseModel):
    """A guest image that programs may name."""

    model_config = ConfigDict(title="Image")

    name: str = Field(description="name for `image` in a submission")
    status: Literal["building", "ready", "failed"] = Field(description="whether programs can run on it")
    packages: list[PackageBody] = Field(description="packages in it; empty until it is ready")
    modules: list[str] = Field(description="what its programs can import in addition to the standard library")


class ImagesBody(BaseModel):
    """The guest images of a service."""

    model_config = ConfigDict(title="Images")

    data: list[ImageBody] = Field(description="images that programs may name")


def image_tree(named: NamedImage) -> dict[str, Any]:
    """Return an image as JSON shows it."""
    image = named.image
    return {
        "name": named.name,
        "status": named.status,
        "packages": [] if image is None else [{"name": one.name, "version": one.version} for one in image.packages],
        "modules": [] if image is None else [*top_levels(image.modules)],
    }
