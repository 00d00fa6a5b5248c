"""Functions of HTTP APIs: the operations of an OpenAPI document."""

from service.functions.openapi.api import Api, read_apis

__all__ = ["Api", "read_apis"]
