"""Settings come from the environment; a bad one is named without its value."""

import pytest

from sandbox.limits import MIB
from service.operator_errors import SettingsInvalid
from service.rights import lower_of
from service.settings import DEFAULT_CEILING, DEFAULT_LIMITS, read_settings, unknown_variables


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing needs to be set."""
    monkeypatch.delenv("ISTHMUS_API_KEY", raising=False)
    settings = read_settings()

    assert settings.api_key is None
    assert settings.request_bytes == 16 * MIB
    assert (settings.limits, settings.ceiling) == (DEFAULT_LIMITS, DEFAULT_CEILING)


def test_a_part_of_the_limits_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others keep their defaults, each list its own."""
    monkeypatch.setenv("ISTHMUS_CEILING", '{"wall_seconds": 60}')
    monkeypatch.setenv("ISTHMUS_LIMITS__CALLS", "7")
    settings = read_settings()

    assert (settings.ceiling.wall_seconds, settings.ceiling.fuel) == (60, DEFAULT_CEILING.fuel)
    assert (settings.limits.calls, settings.limits.fuel) == (7, DEFAULT_LIMITS.fuel)


def test_defaults_are_lowered_to_the_ceiling() -> None:
    """A run that asks for nothing must not get more than it could ask for."""
    lowered = lower_of(DEFAULT_LIMITS, DEFAULT_CEILING.as_dict())

    assert lowered == DEFAULT_LIMITS
    assert lower_of(DEFAULT_CEILING, DEFAULT_LIMITS.as_dict()) == DEFAULT_LIMITS


@pytest.mark.parametrize("key", ["", "  "])
def test_an_empty_key_is_no_key(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """A variable that a template left empty must not open the service to everybody."""
    monkeypatch.setenv("ISTHMUS_API_KEY", key)

    assert read_settings().api_key is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [("ISTHMUS_MAX_RUNNING", "s3cr3t"), ("ISTHMUS_MAX_RUNNING", "0"), ("ISTHMUS_CEILING", "s3cr3t"),
     ("ISTHMUS_CEILING", '{"fuel": "s3cr3t"}'), ("ISTHMUS_CEILING", '{"fule": 1}'), ("ISTHMUS_LIMITS__FUEL", "0")],
)  # fmt: skip
def test_a_bad_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """The next variable beside it is a key."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid) as caught:
        read_settings()

    assert variable.split("__", maxsplit=1)[0] in str(caught.value) or "ceiling" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


EXAMPLES = (
    """write JSON, as in ISTHMUS_CEILING='{"wall_seconds": 60}', ISTHMUS_OPENAPI='[{"document": "crm.json"}]' """
    """or ISTHMUS_IMAGES='{"dates": ["python-dateutil"]}'"""
)


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("ISTHMUS_LIMITS", '{"fuel": ', f"ISTHMUS_LIMITS: it is no JSON; {EXAMPLES}"),
        ("ISTHMUS_MAX_RUNNING", "x", "ISTHMUS_MAX_RUNNING: Input should be a valid integer, unable to parse string as "
         "an integer"),
        ("ISTHMUS_CEILING", '{"fule": 1}', "ISTHMUS_CEILING: there is no limit 'fule'; limits: fuel, cpu_seconds, "
         "wall_seconds, memory_bytes, output_bytes, value_bytes, source_bytes, calls, concurrent_calls"),
        ("ISTHMUS_OPENAPI", '{"document": "crm.json"}', f"ISTHMUS_OPENAPI: it is JSON of another kind; {EXAMPLES}"),
        (
            "ISTHMUS_IMAGES",
            '{"my dates": ["attrs"]}',
            "ISTHMUS_IMAGES: 'my dates' cannot be the name of an image: "
            "write 1 to 60 letters A-Z a-z, digits, and . _ -, the first a letter or a digit",
        ),
        ("ISTHMUS_LIMITS", "[1]", f"ISTHMUS_LIMITS: it is JSON of another kind; {EXAMPLES}"),
    ],
)  # fmt: skip
def test_a_bad_value_says_which_variable_and_what_to_write(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    """Whoever reads it has the environment before them, not our classes."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid) as caught:
        read_settings()

    assert str(caught.value) == message


def test_a_key_that_was_read_from_a_file_is_taken_without_its_newline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No header can carry a newline: every caller would be refused."""
    monkeypatch.setenv("ISTHMUS_API_KEY", " s3cr3t\n")
    key = read_settings().api_key

    assert key is not None
    assert key.get_secret_value() == "s3cr3t"


def test_a_variable_that_sets_nothing_is_told() -> None:
    """A limit that somebody believes to have set is worse than none."""
    known = ["ISTHMUS_API_KEY", "isthmus_workers", "ISTHMUS_LIMITS__CALLS", "ISTHMUS_CACHE_DIR", "PATH"]

    assert unknown_variables(known) == []
    assert unknown_variables([*known, "ISTHMUS_MAX_RUNING", "ISTHMUS_X"]) == [
        "ISTHMUS_MAX_RUNING is no setting and changes nothing; did you mean ISTHMUS_MAX_RUNNING?",
        "ISTHMUS_X is no setting and changes nothing; docs/for-operators.md lists the settings",
    ]
