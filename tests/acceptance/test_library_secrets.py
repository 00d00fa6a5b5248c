"""`secrets` in library use: functions read them while a run goes on, programs and records never show them."""

import asyncio
import logging
import os
from typing import Any

import pytest

from sandbox import (
    GuestRaised,
    SandboxedConfig,
    Secret,
    SecretMissing,
    TaskEnvironment,
    current_secrets,
    orchestrator_from_str,
    run,
    secrets_from,
)
from sandbox.execute import execute
from sandbox.journal_text import write
from sandbox.local import library_engine
from sandbox.start import Start

HELD = "hunter2-\u00e4"
CATCH = """
try:
    fail()
except ValueError as error:
    told = str(error), error.args
told
"""
env = TaskEnvironment("shop", secrets=Secret("api-key", as_env_var="API_KEY"))


def read() -> list[str]:
    """Return the names, and whether the value is right."""
    held = current_secrets()
    return [*held, str(held.get("API_KEY") == HELD)]


async def read_later() -> list[str]:
    """Read on the event loop."""
    await asyncio.sleep(0)
    return read()


def fail() -> None:
    """Raise what a client of an API would."""
    message = f"401: bad key {current_secrets()['API_KEY']}"
    raise ValueError(message, {"key": HELD})


@env.task
def of_environment() -> list[str]:
    """Read what the environment asks for."""
    return read()


@pytest.fixture(autouse=True)
def _vault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", HELD)
    monkeypatch.setenv("OTHER", "o")


def template(source: str, *tasks: Any, **parameters: Any) -> Any:
    """A template that hands its secrets to these functions."""
    given = {"secrets": Secret("k", as_env_var="API_KEY"), **parameters}
    return orchestrator_from_str(source, inputs={}, output=Any, tasks=tasks, **given)


async def test_functions_read_them_on_threads_and_on_the_loop() -> None:
    """Each in the run that calls it."""
    assert await template("[read(), read_later()]", read, read_later).aio() == [["API_KEY", "True"]] * 2


async def test_two_runs_at_once_have_their_own() -> None:
    """The process's environment would be one for both."""
    one = template("await read_later.aio()", read_later)
    other = one.override(secrets="OTHER")
    none = one.override(secrets=())

    assert [*await asyncio.gather(one.aio(), other.aio(), none.aio())] == [
        ["API_KEY", "True"], ["OTHER", "False"], ["False"],
    ]  # fmt: skip
    assert len(current_secrets()) == 0


async def test_a_program_sees_none() -> None:
    """Neither in its environment nor by the name of the accessor."""
    assert await template("import os\nos.environ").aio() == {}
    with pytest.raises(NameError):
        await template("current_secrets()", plugin_config=SandboxedConfig(type_check=False)).aio()


async def test_a_run_without_its_secret_does_not_start() -> None:
    """Not after 39 calls were made."""
    calls: list[int] = []

    def note() -> None:
        calls.append(1)

    with pytest.raises(SecretMissing, match=r"^the secret 'absent' is not there: set the environment variable ABSENT "):
        await template("note()", note, secrets="absent").aio()
    assert calls == []


async def test_a_functions_own_secret_is_looked_up_when_the_run_starts() -> None:
    """Named by the function, or by its environment; called directly, the function has it too."""
    calls: list[int] = []
    own = TaskEnvironment("own")

    @own.task(secrets="absent")
    def needs() -> None:
        calls.append(1)

    assert await template("of_environment()", of_environment, secrets=None).aio() == ["API_KEY", "True"]
    assert await of_environment.aio() == ["API_KEY", "True"]
    with pytest.raises(SecretMissing):
        await template("1", needs, secrets=None).aio()
    assert calls == []


async def test_a_template_used_as_a_function_has_its_own() -> None:
    """What the outer run was handed is not handed on."""
    inner = template("read()", read, name="inner", secrets="OTHER")

    assert await template("[read(), inner(), read()]", read, inner).aio() == [
        ["API_KEY", "True"], ["OTHER", "False"], ["API_KEY", "True"],
    ]  # fmt: skip


async def test_what_a_function_raises_crosses_masked() -> None:
    """Caught by the program: text and arguments."""
    expected = ("401: bad key ***", {"key": "***"})

    assert await template(CATCH, fail).aio() == (str(expected), expected)


async def test_no_record_of_a_run_tells_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Error, cause, log, journal and what is sent to a backend."""
    caplog.set_level(logging.DEBUG)
    made = template("fail()", fail)

    with pytest.raises(ValueError, match=r"401: bad key") as raised:
        await made.aio()
    assert isinstance(raised.value, GuestRaised)
    finished = await execute(
        library_engine(),
        Start(program=made._submitted(), functions=made._functions, secrets=made.secret_requests, seed=1),
    )

    assert finished.journal is not None
    shown = [str(raised.value), repr(raised.value), repr(raised.value.__cause__), repr(finished)]
    shown += [write(finished.journal), str(made.custom_config(None)), repr(made), caplog.text]
    assert [text for text in shown if HELD in text or repr(HELD)[1:-1] in text] == []
    assert raised.value.__cause__ is None


async def test_other_causes_are_kept() -> None:
    """Only what tells a secret is left out."""

    def lose() -> None:
        message = "lost"
        raise OSError(message)

    with pytest.raises(OSError, match="lost") as raised:
        await template("lose()", lose).aio()
    assert type(raised.value.__cause__) is OSError


def test_an_operator_gives_another_source() -> None:
    """For the runs of a block; nothing of it is kept."""
    made = template("read()", read)
    os.environ.pop("API_KEY")

    with secrets_from(lambda _: HELD):
        assert run(made).value == ["API_KEY", "True"]
    with pytest.raises(SecretMissing):
        run(made)
