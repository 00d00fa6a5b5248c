"""GET /images: the guest images that programs may name."""

from fastapi import APIRouter, Response

from api.dependencies import CallerDep, ServiceDep
from api.routes.documentation import describe
from api.routes.sending import json_answer
from api.schemas.images import ImagesBody, image_tree

router = APIRouter(tags=["functions"])


@router.get(
    "/images",
    summary="List guest images",
    responses=describe(ImagesBody, "The images"),
)
async def list_images(service: ServiceDep, caller: CallerDep) -> Response:
    """Return the images that programs may name, with their packages and whether they are ready."""
    return json_answer({"data": [image_tree(one) for one in service.whitelist(caller).images()]})
