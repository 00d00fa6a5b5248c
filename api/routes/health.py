"""For whoever operates the service: whether it lives, and whether it takes runs."""

from fastapi import APIRouter, Response

from api.dependencies import ServiceDep
from api.routes.documentation import describe, describe_health
from api.schemas.answers import HealthBody
from api.schemas.writing import json_text

router = APIRouter(tags=["health"])


@router.get(
    "/health/live", summary="Check that the process answers", responses=describe(HealthBody, "The process answers")
)
async def live() -> Response:
    """Return 200 as long as the process answers."""
    return Response(json_text({"status": "live"}), media_type="application/json")


@router.get(
    "/health/ready", summary="Check that runs are accepted", responses=describe_health("Runs are accepted", "Not now")
)
async def ready(service: ServiceDep) -> Response:
    """Return 200 if a submission would be accepted, else 503."""
    status, word = (200, "ready") if service.is_ready else (503, "not ready")
    headers = {} if status == 200 else {"Retry-After": "1"}
    return Response(json_text({"status": word}), status_code=status, media_type="application/json", headers=headers)
