"""A route whose endpoint is called with the request and nothing else, for the one path that every program takes."""

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from api.dependencies import check_caller


class DirectRoute(APIRoute):
    """Documented and matched as any route; its endpoint takes a `Request` and returns a `Response`.

    Finding out, for every request, that there are no parameters and no dependencies but the check of the caller takes
    FastAPI about a tenth of the time that the service spends on a run.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what is raised reaches the application's answers to refusals."""
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        await check_caller(request)
        response = await self.endpoint(request)
        await response(scope, receive, send)
