"""Messages to receivers: where they may go, how they are signed, when they are sent again."""

import pytest

from service.webhooks import MAX_ATTEMPTS, Receivers, Sender, secret_of, signature
from tests.acceptance.receiving import receiving

BEYOND = "is not at a scheme, host and port that the operator of this service allows"
ODD = "must be an address of at most 2000 characters, without a user, a password or a fragment"
ALLOWED = Receivers(["hooks.example.com", "other.example.com:8443", "http://localhost:9000"])


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.example.com", "https://hooks.example.com/a?b=c", "https://HOOKS.example.com:443/",
        "https://other.example.com:8443/x", "http://localhost:9000/x",
    ],
)  # fmt: skip
def test_receivers_at_an_allowed_origin_may_be_told(address: str) -> None:
    """Case, the usual port, path and query make no other host."""
    assert ALLOWED.refusal(address) is None


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("http://hooks.example.com", BEYOND),
        ("https://hooks.example.com:8443", BEYOND),
        ("https://hooks.example.com.", BEYOND),
        ("https://a.hooks.example.com", BEYOND),
        ("https://hooks.example.com.evil.example", BEYOND),
        ("https://evil.example/?https://hooks.example.com", BEYOND),
        ("https://other.example.com", BEYOND),
        ("https://localhost:9000", BEYOND),
        ("http://127.0.0.1:9000", BEYOND),
        ("http://localhost", BEYOND),
        ("ftp://hooks.example.com", BEYOND),
        ("file:///etc/passwd", ODD),
        ("https://hooks.example.com@evil.example/", ODD),
        ("https://evil.example#@hooks.example.com", ODD),
        ("https://evil.example\\@hooks.example.com", ODD),
        ("https://user:password@hooks.example.com", ODD),
        ("//hooks.example.com", BEYOND),
        ("hooks.example.com", ODD),
        ("https://hooks.example.com/\r\nx: y", ODD),
        ("https://hooks.example.com/" + "a" * 2000, ODD),
        ("https://[", BEYOND),
        ("", ODD),
    ],
)
def test_other_receivers_are_refused(address: str, refusal: str) -> None:
    """The service can reach hosts that its callers cannot: it must not be made to speak to them."""
    assert ALLOWED.refusal(address) == refusal


def test_nobody_is_told_where_the_operator_allows_nothing() -> None:
    """As it is by default."""
    assert Receivers(()).refusal("https://hooks.example.com") == (
        "is not available: the operator of this service allows no receivers; leave it out"
    )


@pytest.mark.parametrize(
    "host", ["", "https://", "ftp://hooks.example.com", "hooks.example.com/path", "hooks.example.com?a", "u@h"]
)
def test_what_is_no_host_is_refused_in_the_settings(host: str) -> None:
    """A path that was ignored would allow more than the operator meant."""
    with pytest.raises(ValueError, match="is no host: write"):
        Receivers([host])


def test_a_message_is_signed_as_the_specification_has_it() -> None:
    """The example of the reference libraries of Standard Webhooks: receivers check with those."""
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        b'{"test": 2432232314}',
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_tenant_has_a_secret_of_its_own() -> None:
    """Who can check messages can make them: a tenant must not make those of another."""
    first, other = (secret_of("the operator's own secret", name) for name in ("first", "other"))

    assert first != other
    assert first == secret_of("the operator's own secret", "first")


async def test_pauses_grow_to_hours_and_end_after_a_day() -> None:
    """A receiver that is down for a night is told; one that is gone is left alone."""
    sender = Sender(Receivers(()), secret="x" * 24, pause_seconds=5)

    pauses = [sender.pause_after(attempt) for attempt in range(1, MAX_ATTEMPTS)]
    await sender.close()

    assert pauses == [5.0, 30.0, 180.0, 1080.0, 6480.0, 36000.0, 36000.0]


async def test_what_a_receiver_wants_remembered_is_not_sent_for_another_tenant() -> None:
    """Its cookies would go to everybody's receivers at that host, and too many of them would have these refuse."""
    with receiving() as here:
        sender = Sender(Receivers([here.url]), secret="s" * 24, pause_seconds=1)
        for tenant in ("acme", "umbrella"):
            await sender.send(f"{here.url}/{tenant}", b"{}", tenant=tenant, message_id="msg_1", timestamp=0)
        await sender.close()

    assert [one.path for one in here.messages] == ["/acme", "/umbrella"]
    assert not any("cookie" in one.headers for one in here.messages)
