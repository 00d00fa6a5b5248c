"""GET /metrics: what Prometheus collects."""

from fastapi import APIRouter, Response

from api.dependencies import CallerDep, ServiceDep, for_scopes
from api.routes.documentation import describe_text
from service.rights import METRICS
from service.seeing.metrics import CONTENT_TYPE

router = APIRouter(tags=["operation"])


@router.get(
    "/metrics",
    summary="Read the metrics",
    openapi_extra=for_scopes(METRICS),
    responses=describe_text("text/plain", "Runs, calls, durations, isolates, workers"),
)
async def read_metrics(service: ServiceDep, caller: CallerDep) -> Response:
    """Return the metrics of the whole service for Prometheus; the key needs the scope `metrics`."""
    return Response(service.metrics(caller), media_type=CONTENT_TYPE)
