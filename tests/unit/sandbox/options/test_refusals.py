"""Option types that are given what they do not take: field, value, and what is allowed."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox import (
    Backoff,
    Cache,
    Cron,
    Documentation,
    FixedRate,
    Image,
    Link,
    PodTemplate,
    Resources,
    RetryStrategy,
    ReusePolicy,
    Secret,
    Timeout,
    Trigger,
    TriggerTime,
    VersionParameters,
)

CPU = "a number of cores or a text such as '500m', or a pair of them (request, limit)"
MEMORY = "a text such as '512Mi' or '1G', or a pair of them (request, limit)"
PACKAGE = "a package must be a name, with a version if need be, as in 'attrs==25.1'"
CONTAINER = "a guest image is a build of the guest, not a container: begin with Image.from_guest_base()"


class FixedVersion:
    """A policy that says the same whatever it is asked."""

    def get_version(self, salt: str, params: VersionParameters) -> str:  # noqa: ARG002 - Flyte's
        """Return it."""
        return "1"


Refusal = tuple[Callable[..., Any], dict[str, Any], type[Exception], str]


def refused(kind: Callable[..., Any], error: type[Exception], message: str, **fields: Any) -> Refusal:
    """One row of the table."""
    return kind, fields, error, message


VALUES = [
    refused(
        Cache,
        ValueError,
        "cache behavior must be one of 'auto', 'override', 'disable', not 'always'",
        behavior="always",
    ),
    refused(Cache, TypeError, "Cache.version_override must be a text, not 1", behavior="auto", version_override=1),
    refused(Cache, TypeError, "Cache.serialize must be True or False, not 1", behavior="auto", serialize=1),
    refused(
        Cache,
        TypeError,
        "Cache.ignored_inputs must be a name or a tuple of names, not 3",
        behavior="auto",
        ignored_inputs=3,
    ),
    refused(Cache, TypeError, "Cache.salt must be a text, not 3", behavior="auto", salt=3),
    refused(
        Cache,
        TypeError,
        "Cache.policies must be a CachePolicy or a list of them, with get_version(salt, params), not 3",
        behavior="auto",
        policies=[3],
    ),
    refused(
        Cache,
        ValueError,
        "Cache.version_override and Cache.policies were both given, and each makes the version: pass one",
        behavior="auto",
        version_override="v1",
        policies=FixedVersion(),
    ),
    refused(
        Cache,
        TypeError,
        "Cache.max_age must be a number of seconds, a timedelta or None, not '1h'",
        behavior="auto",
        max_age="1h",
    ),
    refused(Cache, ValueError, "Cache.max_age must be at least 0 seconds, not -1", behavior="auto", max_age=-1),
    refused(
        Cache.of, TypeError, "cache must be one of 'auto', 'override', 'disable' or a Cache, not True", request=True
    ),
    refused(Backoff, ValueError, "Backoff.base must be a number of seconds or a timedelta, not '1s'", base="1s"),
    refused(Backoff, ValueError, "Backoff.base must be at least 0 seconds, not -1", base=-1),
    refused(Backoff, ValueError, "Backoff.base must be at most 999,999,999 days, not 1e+300 seconds", base=1e300),
    refused(Backoff, ValueError, "Backoff.factor must be a number of at least 1, not 0.5", base=1, factor=0.5),
    refused(Backoff, ValueError, "Backoff.factor must be a number of at least 1, not nan", base=1, factor=float("nan")),
    refused(
        Backoff, ValueError, "Backoff.cap must be given when factor is more than 1, and factor is 2", base=1, factor=2
    ),
    refused(RetryStrategy, ValueError, "RetryStrategy.count must be a whole number of at least 0, not -1", count=-1),
    refused(
        RetryStrategy, ValueError, "RetryStrategy.count must be a whole number of at least 0, not True", count=True
    ),
    refused(RetryStrategy, ValueError, "RetryStrategy.backoff must be a Backoff or None, not 1", count=1, backoff=1),
    refused(RetryStrategy.of, ValueError, "retries must be a whole number or a RetryStrategy, not 1.5", request=1.5),
    refused(RetryStrategy.of, ValueError, "retries must not be negative, and is -1", request=-1),
    refused(
        Timeout, ValueError, "Timeout.deadline must be a number of seconds or a timedelta, not '1h'", deadline="1h"
    ),
    refused(Timeout, ValueError, "Timeout.max_runtime must be at least 0 seconds, not -5", max_runtime=-5),
    refused(Timeout.of, ValueError, "timeout must be a number of seconds or a timedelta, not True", request=True),
    refused(Resources, ValueError, f"Resources.cpu must be {CPU}, not -1", cpu=-1),
    refused(Resources, ValueError, f"Resources.cpu must be {CPU}, not (None, 2)", cpu=(None, 2)),
    refused(Resources, ValueError, f"Resources.cpu must be {CPU}, not (1, 2, 3)", cpu=(1, 2, 3)),
    refused(Resources, ValueError, f"Resources.memory must be {MEMORY}, not 1024", memory=1024),
    refused(Resources, ValueError, f"Resources.memory must be {MEMORY}, not '1GB'", memory="1GB"),
    refused(
        Resources,
        ValueError,
        "Resources.memory must have a request of at most its limit, not ('2Gi', '1Gi')",
        memory=("2Gi", "1Gi"),
    ),
    refused(
        Resources,
        ValueError,
        "Resources.disk must be a text such as '512Mi' or '1G', not ('1G', '2G')",
        disk=("1G", "2G"),
    ),
    refused(Resources, ValueError, "Resources.shm must be a text such as '512Mi' or '1G', not 1", shm=1),
    refused(
        Resources, ValueError, "Resources.gpu must be a number of devices, or a text such as 'T4:1', not 'T4'", gpu="T4"
    ),
    refused(
        ReusePolicy,
        ValueError,
        "ReusePolicy.replicas must be a whole number or a pair (fewest, most), not (1, 2, 3)",
        replicas=(1, 2, 3),
    ),
    refused(
        ReusePolicy, ValueError, "ReusePolicy.replicas must be a whole number of at least 0, not '2'", replicas="2"
    ),
    refused(
        ReusePolicy, ValueError, "ReusePolicy.replicas must have fewest of at most most, not (3, 1)", replicas=(3, 1)
    ),
    refused(
        ReusePolicy, ValueError, "ReusePolicy.concurrency must be a whole number of at least 1, not 0", concurrency=0
    ),
    refused(ReusePolicy, ValueError, "ReusePolicy.idle_ttl must be at least 30 seconds, not 5", idle_ttl=5),
    refused(ReusePolicy, ValueError, "ReusePolicy.scope must be 'global' or 'run', not 'all'", scope="all"),
    refused(Secret, ValueError, "Secret.key must have 1 to 256 characters, not 0", key=""),
    refused(Secret, TypeError, "Secret.group must be a text, not 1", key="k", group=1),
    refused(Secret, ValueError, "Secret.mount must be '/etc/flyte/secrets', not '/tmp/k'", key="k", mount="/tmp/k"),  # noqa: S108
    refused(
        Secret,
        ValueError,
        "Secret.as_env_var must be of capitals, digits and underscores, not 'a b'",
        key="k",
        as_env_var="a b",
    ),
    refused(Secret.all_of, TypeError, "secrets must be keys or Secrets, not 3", request=["a", 3]),
    refused(Documentation, TypeError, "Documentation.description must be a text, not None", description=None),
    refused(
        PodTemplate,
        TypeError,
        "PodTemplate.labels must be a dictionary from text to text, not {'a': 1}",
        labels={"a": 1},
    ),
    refused(
        PodTemplate,
        ValueError,
        "PodTemplate.primary_container_name must have 1 to 63 characters, not 0",
        primary_container_name="",
    ),
    refused(
        Link,
        ValueError,
        "Link.url must begin with http:// or https://, not 'javascript:1'",
        name="n",
        url="javascript:1",
    ),
    refused(
        Link,
        ValueError,
        "Link.url must name only the places {run_id}, {template}, {name}, not {runName}",
        name="n",
        url="https://x.example/{runName}",
    ),
    refused(
        Cron,
        ValueError,
        "Cron.expression must have five fields, minute hour day month weekday, not '* * * *'",
        expression="* * * *",
    ),
    refused(
        Cron, ValueError, "Cron.expression must have a minute from 0 to 59 or *, not '60'", expression="60 * * * *"
    ),
    refused(
        Cron, ValueError, "Cron.expression must have a hour from 0 to 23 or *, not '9-8'", expression="0 9-8 * * *"
    ),
    refused(
        Cron,
        ValueError,
        "Cron.expression must have a day of week from 0 to 7 or *, not 'MAY'",
        expression="0 0 * * MAY",
    ),
    refused(
        Cron, ValueError, "Cron.expression must have a minute from 0 to 59 or *, not '*/0'", expression="*/0 * * * *"
    ),
    refused(
        Cron,
        ValueError,
        "Cron.timezone must be the name of a time zone, as in 'Europe/Berlin', not 'Mars'",
        expression="* * * * *",
        timezone="Mars",
    ),
    refused(
        Cron,
        ValueError,
        "Cron.timezone must be the name of a time zone, as in 'Europe/Berlin', not '../etc'",
        expression="* * * * *",
        timezone="../etc",
    ),
    refused(
        FixedRate,
        ValueError,
        "FixedRate.interval_minutes must be a whole number of at least 1, not 0.5",
        interval_minutes=0.5,
    ),
    refused(
        FixedRate, TypeError, "FixedRate.start_time must be a datetime or None, not 5", interval_minutes=1, start_time=5
    ),
    refused(Trigger, ValueError, "Trigger.name must have 1 to 256 characters, not 0", name=""),
    refused(
        Trigger,
        TypeError,
        "Trigger.automation must be a Cron, a FixedRate or None, not '* * * * *'",
        name="t",
        automation="* * * * *",
    ),
    refused(
        Trigger,
        ValueError,
        "Trigger.description must have 1 to 255 characters, not 300",
        name="t",
        description="d" * 300,
    ),
    refused(
        Trigger, TypeError, "Trigger.inputs must be a dictionary from names to values, not [1]", name="t", inputs=[1]
    ),
    refused(
        Trigger,
        ValueError,
        "Trigger.inputs must not have TriggerTime without an automation: there is no time at which it is due",
        name="t",
        inputs={"when": TriggerTime},
    ),
    refused(Image, TypeError, "an Image is made by Image.from_guest_base(), not directly", packages=(), _token=None),
    refused(
        Image.from_debian_base, NotImplementedError, f"Image.from_debian_base: {CONTAINER}", python_version=(3, 12)
    ),
    refused(Image.from_base, NotImplementedError, f"Image.from_base: {CONTAINER}", image_uri="python:3.12"),
    refused(
        Image.from_guest_base().with_apt_packages,
        NotImplementedError,
        "Image.with_apt_packages: a guest image is the guest with packages of pure Python, and nothing else: "
        "with_pip_packages(...)",
    ),
    refused(
        Image.from_guest_base().with_requirements,
        NotImplementedError,
        "Image.with_requirements: name the packages one by one, with their versions: "
        "with_pip_packages('python-dateutil==2.9')",
        file="requirements.txt",
    ),
    refused(
        Image.from_guest_base().with_pip_packages,
        TypeError,
        "with_pip_packages() takes no index_url: configure pip (PIP_INDEX_URL, pip.conf)",
        index_url="https://example.com/simple",
    ),
]


@pytest.mark.parametrize(("kind", "fields", "error", "message"), VALUES)
def test_what_cannot_be_is_refused_by_field_and_value(
    kind: Callable[..., Any], fields: dict[str, Any], error: type[Exception], message: str
) -> None:
    """When it is made, not when a run comes to use it; with the exception that Flyte raises."""
    with pytest.raises(error) as raised:
        kind(**fields)

    assert (type(raised.value), str(raised.value)) == (error, message)


@pytest.mark.parametrize(
    "package", ["", "git+https://x.example/p", "../p", "p;os_name=='nt'", "-r file", "p @ https://x"]
)
def test_only_packages_with_names_are_taken(package: str) -> None:
    """A place instead of a name would have the build fetch whatever stands there."""
    with pytest.raises(ValueError, match=PACKAGE) as raised:
        Image.from_guest_base().with_pip_packages(package)

    assert str(raised.value) == f"{PACKAGE}, not {package!r}"


def test_a_package_is_a_text() -> None:
    """A list of them is the usual mistake."""
    packages: Any = ["attrs"]

    with pytest.raises(TypeError, match=r"^a package must be a text, not \['attrs'\]$"):
        Image.from_guest_base().with_pip_packages(packages)
