"""Resources as the specification of a Kubernetes pod; needs the extra `flyte`."""

from typing import Any

from sandbox.extend.extra import needed
from sandbox.options import PRIMARY_CONTAINER_DEFAULT_NAME, Resources

_NAMES = {"cpu": "cpu", "memory": "memory", "disk": "ephemeral-storage"}
_SHARED_MEMORY = "flyte-shm"


def pod_spec_from_resources(
    primary_container_name: str = PRIMARY_CONTAINER_DEFAULT_NAME,
    requests: Resources | None = None,
    limits: Resources | None = None,
    k8s_gpu_resource_key: str = "nvidia.com/gpu",
) -> Any:
    """Return a `V1PodSpec` with one container; a side that is not given is that of the other.

    Shared memory is a volume in memory at `/dev/shm`: its size is that of the limits, else of the requests; `auto`
    leaves it to the node. Flyte leaves it out of the pod.

    Raises:
        ImportError: the extra `flyte` is not installed.
        ValueError: a field is a pair: each side has one value.
    """
    client = needed("kubernetes.client", by="pod_spec_from_resources()")
    asked, most = (_quantities(side, k8s_gpu_resource_key) for side in (requests, limits))
    shared = next((side.shm for side in (limits, requests) if side is not None and side.shm is not None), None)
    container = client.V1Container(
        name=primary_container_name,
        resources=client.V1ResourceRequirements(requests=asked or most, limits=most or asked),
        volume_mounts=None if shared is None else [client.V1VolumeMount(name=_SHARED_MEMORY, mount_path="/dev/shm")],  # noqa: S108 - of the container
    )
    return client.V1PodSpec(containers=[container], volumes=None if shared is None else [_volume(client, shared)])


def _quantities(resources: Resources | None, gpu_key: str) -> dict[str, str] | None:
    if resources is None:
        return None
    found: dict[str, str] = {}
    for field, name in _NAMES.items():
        value = getattr(resources, field)
        if isinstance(value, tuple):
            message = f"Resources.{field}={value!r} is a pair: give its request to requests, and its limit to limits"
            raise ValueError(message)  # noqa: TRY004 - a pair is no other type, it is one value too many
        if value is not None:
            found[name] = str(value)
    if count := resources.gpu_count():
        found[gpu_key] = str(count)
    return found


def _volume(client: Any, size: str) -> Any:
    limit = None if size == "auto" else size
    return client.V1Volume(
        name=_SHARED_MEMORY, empty_dir=client.V1EmptyDirVolumeSource(medium="Memory", size_limit=limit)
    )
