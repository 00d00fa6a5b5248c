"""The pod in which a template runs elsewhere, for exports to Kubernetes and Flyte."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.advice import advising
from sandbox.options import checks

PRIMARY_CONTAINER_DEFAULT_NAME = "primary"


@advising
@dataclass(frozen=True)
class PodTemplate:
    """What a pod has beside the container that runs the task.

    Raises:
        TypeError: a field has a value of another type.
        ValueError: the name of the container is empty or too long.
    """

    pod_spec: Any = None
    """A `V1PodSpec` of the Kubernetes client, or a dictionary as its `to_dict()` gives it."""
    primary_container_name: str = PRIMARY_CONTAINER_DEFAULT_NAME
    """The container of the pod that runs the task."""
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        spec = self.pod_spec
        if not (spec is None or isinstance(spec, Mapping) or callable(getattr(spec, "to_dict", None))):
            message = f"PodTemplate.pod_spec must be a V1PodSpec, a dictionary or None, not {spec!r}"
            raise TypeError(message)
        checks.text("PodTemplate.primary_container_name", self.primary_container_name, longest=63)
        for field in ("labels", "annotations"):
            value = getattr(self, field)
            if value is not None:
                object.__setattr__(self, field, checks.texts(f"PodTemplate.{field}", value))
