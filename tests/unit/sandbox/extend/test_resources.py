"""Resources for Kubernetes and Flyte, and what is said where the extra is missing."""

import importlib.util
from typing import Any

import pytest

from sandbox import Resources
from sandbox.extend import PRIMARY_CONTAINER_DEFAULT_NAME, get_proto_resources, is_initialized, pod_spec_from_resources

KUBERNETES = importlib.util.find_spec("kubernetes") is not None
FLYTE = importlib.util.find_spec("flyteidl2") is not None
ALL = Resources(cpu="500m", memory="512Mi", gpu="T4:2", disk="10Gi", shm="1Gi")
QUANTITIES = {"cpu": "500m", "memory": "512Mi", "ephemeral-storage": "10Gi", "nvidia.com/gpu": "2"}


@pytest.mark.skipif(KUBERNETES, reason="the extra flyte is installed")
def test_a_pod_needs_the_extra() -> None:
    """Whoever lacks it learns its name."""
    with pytest.raises(ImportError) as missing:
        pod_spec_from_resources()

    assert str(missing.value) == (
        "pod_spec_from_resources() needs the package of the module kubernetes, which is not installed: "
        "pip install 'isthmus[flyte]'"
    )


@pytest.mark.skipif(FLYTE, reason="the extra flyte is installed")
def test_a_message_needs_the_extra() -> None:
    """Whoever lacks it learns its name; where there is nothing to be said, nobody needs it."""
    with pytest.raises(ImportError) as missing:
        get_proto_resources(ALL)

    assert get_proto_resources(None) is None
    assert get_proto_resources(Resources()) is None
    assert str(missing.value) == (
        "get_proto_resources() needs the package of the module flyteidl2, which is not installed: "
        "pip install 'isthmus[flyte]'"
    )


@pytest.mark.skipif(not KUBERNETES, reason="needs the extra flyte")
@pytest.mark.parametrize("sides", [{"requests": ALL}, {"limits": ALL}, {"requests": ALL, "limits": ALL}])
def test_a_pod_has_all_five_resources_on_both_sides(sides: dict[str, Resources]) -> None:
    """A side that is missing is that of the other; shared memory is a volume, which Flyte leaves out."""
    spec = pod_spec_from_resources(**sides)  # type: ignore[arg-type]  # by name

    container, volume = spec.containers[0], spec.volumes[0]
    assert (len(spec.containers), container.name) == (1, PRIMARY_CONTAINER_DEFAULT_NAME)
    assert (container.resources.requests, container.resources.limits) == (QUANTITIES, QUANTITIES)
    assert (volume.empty_dir.medium, volume.empty_dir.size_limit) == ("Memory", "1Gi")
    assert [(mount.name, mount.mount_path) for mount in container.volume_mounts] == [(volume.name, "/dev/shm")]  # noqa: S108 - of the pod


@pytest.mark.skipif(not KUBERNETES, reason="needs the extra flyte")
def test_a_pod_takes_one_value_for_each_side() -> None:
    """A pair is a request and a limit, and those are two sides here."""
    with pytest.raises(ValueError, match=r"^Resources\.cpu=\(1, 2\) is a pair: give its request to requests, and its"):
        pod_spec_from_resources(requests=Resources(cpu=(1, 2)))

    spec = pod_spec_from_resources("main", Resources(cpu=1), Resources(cpu=2, gpu=1), "amd.com/gpu")
    resources = spec.containers[0].resources
    assert (spec.containers[0].name, resources.requests, spec.volumes) == ("main", {"cpu": "1"}, None)
    assert resources.limits == {"cpu": "2", "amd.com/gpu": "1"}


@pytest.mark.skipif(not FLYTE, reason="needs the extra flyte")
@pytest.mark.parametrize(
    ("resources", "requests", "limits"),
    [
        (ALL, [(1, "500m"), (3, "512Mi"), (2, "2"), (5, "10Gi")], []),
        (Resources(cpu=(1, 2), memory=("1Gi", "2Gi")), [(1, "1"), (3, "1Gi")], [(1, "2"), (3, "2Gi")]),
    ],
)
def test_a_message_has_requests_and_of_pairs_the_limits(
    resources: Resources, requests: list[Any], limits: list[Any]
) -> None:
    """One value is the request only, and a pair is both."""
    message = get_proto_resources(resources)

    assert [(entry.name, entry.value) for entry in message.requests] == requests
    assert [(entry.name, entry.value) for entry in message.limits] == limits


@pytest.mark.skipif(not FLYTE, reason="needs the extra flyte")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"cpu": "1", "memory": "1Gi"},
        {"cpu": (1, 2), "memory": ("1Gi", "2Gi")},
        {"cpu": "500m", "gpu": 2, "disk": "10Gi"},
        {"gpu": "T4:1", "shm": "1Gi"},
    ],
)
def test_messages_and_pods_are_those_of_flyte(given: dict[str, Any]) -> None:
    """Whoever changes the import sends the same to a cluster; shared memory is what Flyte's pods lack."""
    import flyte
    from flyte import extend as theirs

    ours, flytes = Resources(**given), flyte.Resources(**given)

    assert get_proto_resources(ours) == theirs.get_proto_resources(flytes)
    if not any(isinstance(value, tuple) for value in given.values()):
        pod, flyte_pod = pod_spec_from_resources(limits=ours), theirs.pod_spec_from_resources(limits=flytes)
        found, expected = (one.containers[0].resources.to_dict() for one in (pod, flyte_pod))
        texts = {side: {name: str(value) for name, value in (of or {}).items()} for side, of in expected.items()}
        assert {side: of or {} for side, of in found.items()} == texts


def test_initialised_is_said_and_not_done() -> None:
    """Nothing has to be called before the first run, so the question itself starts nothing."""
    before = is_initialized()

    assert (type(before), is_initialized()) == (bool, before)
