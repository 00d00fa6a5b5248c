"""Option types that are given what they take: what they make of it."""

import datetime

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
)

SECOND = datetime.timedelta(seconds=1)


def test_a_cache_is_given_as_a_word_or_in_full() -> None:
    """The word is the behavior; names and ages are normalised, so that equal requests are equal."""
    assert Cache.of("auto") == Cache("auto")
    assert Cache.of(Cache("override", "v1")).version_override == "v1"
    assert Cache("auto", ignored_inputs="now") == Cache("auto", ignored_inputs=("now",))
    assert Cache("auto", max_age=60) == Cache("auto", max_age=60 * SECOND)
    assert Cache("auto", max_age=0) == Cache("auto")
    assert [Cache.of(word).is_enabled() for word in ("auto", "override", "disable")] == [True, True, False]


def test_pauses_grow_up_to_their_cap() -> None:
    """Also where the product is no length of time any more."""
    growing = Backoff(base=10 * SECOND, factor=2.0, cap=300 * SECOND)
    steady = Backoff(base=3 * SECOND)

    assert [growing.compute_delay(n).total_seconds() for n in (0, 1, 4, 5, 10**6)] == [10, 20, 160, 300, 300]
    assert steady.compute_delay(10**6) == 3 * SECOND
    assert RetryStrategy(2, growing).pause_before(3) == 20.0
    assert RetryStrategy.of(2) == RetryStrategy(count=2)
    assert RetryStrategy.of(2).pause_before(2) == 0.0


def test_a_bare_length_bounds_the_running_time() -> None:
    """Zero is no bound, as in Flyte."""
    assert Timeout.of(5) == Timeout.of(5 * SECOND) == Timeout(max_runtime=5)
    assert Timeout.of(0) == Timeout.of(None) == Timeout()
    assert Timeout(max_queued_time=1.5).seconds("max_queued_time") == 1.5
    assert Timeout(deadline=1).seconds("max_runtime") is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ("512Mi", 512 * 2**20),
        ("1.5G", 1_500_000_000),
        ("64000000", 64_000_000),
        (("1Gi", "2Gi"), 2 * 2**30),
    ],
)
def test_memory_is_read_as_kubernetes_writes_it(given: str | tuple[str, str] | None, expected: int | None) -> None:
    """The limit side is what caps an isolate."""
    assert Resources(memory=given).memory_bytes() == expected


def test_replicas_are_a_pair_and_lengths_are_timedeltas() -> None:
    """However they were given."""
    assert ReusePolicy(replicas=3) == ReusePolicy(replicas=(3, 3))
    assert ReusePolicy(idle_ttl=60).idle_ttl == 60 * SECOND


def test_a_secret_has_the_variable_that_its_name_makes() -> None:
    """As Flyte names it."""
    assert Secret("api-key").as_env_var == "API_KEY"
    assert Secret("api-key", group="shop").as_env_var == "SHOP_API_KEY"
    assert Secret("k", mount="/etc/flyte/secrets").as_env_var is None
    assert Secret.all_of(["a", Secret("b")]) == (Secret("a"), Secret("b"))
    assert Secret.all_of("a") == (Secret("a"),)


def test_schedules_have_names_of_their_own() -> None:
    """The input for the time at which a run is due comes first."""
    daily = Trigger.daily("when", inputs={"x": 1})

    assert daily == Trigger("daily", Cron("0 0 * * *"), inputs={"when": TriggerTime, "x": 1})
    assert repr(TriggerTime) == "TriggerTime"
    made = (Trigger.minutely(), Trigger.hourly(), Trigger.weekly(), Trigger.monthly())
    assert [one.automation for one in made] == [
        Cron("* * * * *"),
        Cron("0 * * * *"),
        Cron("0 0 * * 0"),
        Cron("0 0 1 * *"),
    ]
    assert Trigger("by hand", description="d").automation is None
    assert FixedRate(60, datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC)).interval_minutes == 60


@pytest.mark.parametrize(
    "expression", ["*/5 * * * *", "0 9-17 * * MON-FRI", "0,30 8 1 jan *", "59 23 31 12 7", "1-59/2 * * * *"]
)
def test_the_usual_cron_expressions_are_read(expression: str) -> None:
    """Lists, ranges, steps and names."""
    assert Cron(expression, "Europe/Berlin").expression == expression


def test_a_link_is_filled_with_what_a_run_knows() -> None:
    """Each place by its name."""
    link = Link("logs", "https://logs.example/{template}?run={run_id}")

    assert link.filled(run_id="r1", template="t", name="n") == Link("logs", "https://logs.example/t?run=r1")


def test_packages_are_added_to_a_new_image() -> None:
    """An image never changes; without packages it is the guest that ships."""
    base = Image.from_guest_base()
    more = base.with_pip_packages("python-dateutil", "attrs==25.1").with_pip_packages("six>=1.16,<2")

    assert more.packages == ("python-dateutil", "attrs==25.1", "six>=1.16,<2")
    assert (base.is_shipped(), more.is_shipped()) == (True, False)
    assert base == Image.from_guest_base()


def test_the_rest_holds_what_it_was_given() -> None:
    """Nothing is made of it here."""
    assert Documentation("text").description == "text"
    assert PodTemplate(labels={"a": "b"}).labels == {"a": "b"}
