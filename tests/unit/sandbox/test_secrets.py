"""Secrets on the host: looked up, read, masked, and told to nobody."""

import pickle
from pathlib import Path
from typing import Any

import pytest

from sandbox import Secret, SecretMissing, current_secrets, secrets_from
from sandbox.failures import failure_of
from sandbox.secrets import RunSecrets, handed_over, resolved

HELD = RunSecrets({"KEY": "hunter2", "LONGER": "hunter2-and-more", "ODD": "it's\nhere", "EMPTY": ""})


async def test_a_secret_is_what_the_environment_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the variable that Flyte would set."""
    monkeypatch.setenv("SHOP_API_KEY", "hunter2")
    monkeypatch.setenv("OTHER", "3")

    found = await resolved([Secret("api-key", group="shop"), Secret("x", as_env_var="OTHER")])

    assert dict(found) == {"SHOP_API_KEY": "hunter2", "OTHER": "3"}


async def test_a_missing_secret_names_its_key_and_the_way_out() -> None:
    """For the environment and for the file that Flyte mounts."""
    with pytest.raises(SecretMissing) as variable:
        await resolved([Secret("no-key", group="shop")])
    with pytest.raises(SecretMissing) as file:
        await resolved([Secret("no-key", mount="/etc/flyte/secrets")])

    assert str(variable.value) == (
        "the secret 'no-key' of group 'shop' is not there: set the environment variable SHOP_NO_KEY where this "
        "process runs, or give a resolver with secrets_from()"
    )
    assert str(file.value) == (
        "the secret 'no-key' is not there: write /etc/flyte/secrets/no-key where this process runs, or give a "
        "resolver with secrets_from()"
    )
    assert (variable.value.key, file.value.key) == ("no-key", "no-key")


async def test_a_resolver_is_asked_for_each_once() -> None:
    """With group and key, whatever the environment holds."""
    asked: list[Secret] = []

    def vault(secret: Secret) -> str:
        asked.append(secret)
        return f"{secret.group}/{secret.key}"

    with secrets_from(vault):
        found = await resolved([Secret("a", "g"), Secret("a", "g"), Secret("b", mount="/etc/flyte/secrets")])

    assert dict(found) == {"G_A": "g/a", "b": "None/b"}
    assert asked == [Secret("a", "g"), Secret("b", mount="/etc/flyte/secrets")]


async def test_a_resolver_that_fails_tells_nothing_of_what_it_read() -> None:
    """A vault's client may write answers into its errors."""

    def vault(_: Secret) -> str:
        message = "answer 500: hunter2"
        raise OSError(message)

    with secrets_from(vault), pytest.raises(SecretMissing) as raised:
        await resolved([Secret("a")])

    assert str(raised.value) == "the secret 'a' is not there: asking for it raised OSError"
    assert (raised.value.__cause__, raised.value.__suppress_context__) == (None, True)


@pytest.mark.parametrize("answer", [None, b"hunter2", 3])
async def test_a_resolver_answers_with_a_text(answer: Any) -> None:
    """Anything else is none."""
    with secrets_from(lambda _: answer), pytest.raises(SecretMissing, match=r"returned no text for it$"):
        await resolved([Secret("a")])


def test_outside_of_a_run_there_are_none() -> None:
    """And in one, those of the block only."""
    assert dict(current_secrets()) == {}
    with handed_over(HELD):
        assert current_secrets()["KEY"] == "hunter2"
    assert len(current_secrets()) == 0


def test_what_they_hold_stands_in_no_text_and_no_pickle() -> None:
    """Of the collection; the names may be read."""
    assert repr(HELD) == str(HELD) == f"{HELD}" == "RunSecrets(KEY, LONGER, ODD, EMPTY)"
    with pytest.raises(TypeError, match=r"^the secrets of a run cannot be pickled"):
        pickle.dumps(HELD)
    with pytest.raises(KeyError, match=r"NONE is no secret of this run: name it under secrets="):
        _ = HELD["NONE"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("key hunter2, hunter2", "key ***, ***"),
        ("hunter2-and-more", "***"),
        ("it's\nhere " + repr("it's\nhere"), '*** "***"'),
        ({"hunter2": ["x", ("hunter2", 3)]}, {"***": ["x", ("***", 3)]}),
        (b"a hunter2", b"a ***"),
        ({"hunter2"}, {"***"}),
        (3.5, 3.5),
        ("nothing", "nothing"),
    ],
)
def test_every_occurrence_is_masked(value: Any, expected: Any) -> None:
    """The longest first, also as Python writes it; an empty secret masks nothing."""
    assert HELD.masked(value) == expected


def test_a_failure_crosses_masked() -> None:
    """Message, arguments and hint; also where the text would have been cut in the middle of a secret."""

    class Refused(ValueError):
        hint = "not with hunter2"

    with handed_over(HELD):
        failure = failure_of(Refused("hunter2", {"key": "hunter2"}, Path("x")))
        plain = failure_of(ValueError("hunter2", ["hunter2"]))
        cut = failure_of(ValueError("x" * 3_995 + "hunter2"))

    assert "hunter2" not in repr(failure)
    assert (plain.message, plain.arguments) == ("('***', ['***'])", ("***", ["***"]))
    assert failure.hint == "not with ***"
    assert cut.message == "x" * 3_995 + "***"


def test_an_exception_tells_a_secret_also_in_what_it_came_from() -> None:
    """Whoever logs the cause writes the whole chain."""
    told = ValueError("no")
    told.__cause__ = OSError("hunter2")

    assert HELD.are_told_by(told)
    assert HELD.are_told_by(KeyError("it's\nhere"))
    assert not HELD.are_told_by(ValueError("no"))
    assert not RunSecrets({}).are_told_by(OSError("hunter2"))
