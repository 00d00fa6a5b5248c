"""Client of a service over HTTP, blocking (`Client`) and for asyncio (`AsyncClient`).

with Client("http://localhost:8080", key="...") as client:
    print(client.orchestrate("x * 2", inputs={"x": 21}).value())
"""

from api.client.asynchronous import AsyncClient
from api.client.blocking import Client
from api.client.errors import (
    Conflict,
    Forbidden,
    Gone,
    IsthmusError,
    NotFound,
    Overloaded,
    RequestInvalid,
    RequestRefused,
    RunFailed,
    ServiceFailed,
    StorageFull,
    TooLarge,
    Unauthorized,
    Unreachable,
    Unsendable,
)
from api.client.run import Event, PendingCall, Run, RunError

__all__ = [
    "AsyncClient",
    "Client",
    "Conflict",
    "Event",
    "Forbidden",
    "Gone",
    "IsthmusError",
    "NotFound",
    "Overloaded",
    "PendingCall",
    "RequestInvalid",
    "RequestRefused",
    "Run",
    "RunError",
    "RunFailed",
    "ServiceFailed",
    "StorageFull",
    "TooLarge",
    "Unauthorized",
    "Unreachable",
    "Unsendable",
]
