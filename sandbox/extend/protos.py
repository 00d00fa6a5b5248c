"""Resources as Flyte's protobuf message; needs the extra `flyte`."""

from typing import Any

from sandbox.extend.extra import needed
from sandbox.options import Resources

# In the order in which Flyte lists them.
_NAMES = {"cpu": "CPU", "memory": "MEMORY", "gpu": "GPU", "disk": "EPHEMERAL_STORAGE"}


def get_proto_resources(resources: Resources | None) -> Any:
    """Return the message `flyteidl2.core.tasks_pb2.Resources`, None when nothing is set.

    One value is the request only, a pair is (request, limit). Of devices the number is told here; which ones, and
    shared memory, are in another message of Flyte's, `ExtendedResources`.

    Raises:
        ImportError: the extra `flyte` is not installed.
    """
    if resources is None or resources == Resources():
        return None
    message = needed("flyteidl2.core.tasks_pb2", by="get_proto_resources()").Resources
    requests, limits = [], []

    def entry(name: str, value: Any) -> Any:
        return message.ResourceEntry(name=getattr(message.ResourceName, name), value=str(value))

    for field, name in _NAMES.items():
        value = resources.gpu_count() or None if field == "gpu" else getattr(resources, field)
        request, limit = value if isinstance(value, tuple) else (value, None)
        requests += [entry(name, request)] if request is not None else []
        limits += [entry(name, limit)] if limit is not None else []
    return message(requests=requests, limits=limits) if requests or limits else None
