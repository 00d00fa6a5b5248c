"""GET /images: the guest images that programs may name."""

from fastapi import APIRouter, Response

from api.dependencies import CallerDep, ServiceDep
from api.routes.documentation import describe
from api.routes.sending import json_answer
from api.schemas.images import ImagesBody, image_tree

router = APIRouter(tags=["functions"])


@router.get(
    "/images",
    summary="List the guest images that programs may name",
    responses=describe(ImagesBody, "The images"),
)
async def list_images(service: ServiceDep, caller: CallerDep) -> Response:
    """Return each image with its packages, and whether programs can run on it by now."""
    return json_answer({"data": [image_tree(one) for one in service.whitelist(caller).images()]})
