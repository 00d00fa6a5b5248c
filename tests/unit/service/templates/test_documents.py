"""What a template's body and the body of its run may say."""

from typing import Any

import pytest

from service.errors import Fault, SubmissionRejected
from service.templates.documents import run_document, template_document, version_of, wanted_version

KEPT = {
    "name": "t",
    "source": "x",
    "input_types": {"x": "int"},
    "limits": {"calls": 5, "fuel": 9},
    "env_vars": {"A": "1"},
}
RULE = (
    "cannot be overridden; a run has durable, inputs, metadata, now, seed, wait_seconds, webhook, and may override "
    "cache, env_vars, limits, links, report, retries, timeout"
)


def faults(error: SubmissionRejected) -> dict[str, str]:
    """Return pointer -> message."""
    return {fault.pointer: fault.message for fault in error.faults}


def test_one_content_has_one_version() -> None:
    """Whatever the order of members, and whether what is as if left out was left out; the name belongs to it."""
    one = template_document({"source": "x", "functions": ["a"], "limits": None}, name="t")
    same = template_document({"functions": ["a"], "code": "x", "name": "t", "seed": None}, name="t")

    assert one == same == {"source": "x", "functions": ["a"], "name": "t"}
    assert version_of(one) == version_of(same)
    assert version_of(one) != version_of(template_document({"source": "x", "functions": ["b"]}, name="t"))
    assert version_of(one) != version_of(template_document({"source": "x", "functions": ["a"]}, name="u"))


def test_values_have_no_place_in_a_template() -> None:
    """A template that held a value would run with it for everybody."""
    with pytest.raises(SubmissionRejected) as refused:
        template_document({"source": "x", "inputs": {"x": 1}, "seed": 1, "name": "other"}, name="t")

    message = "has no place in a template: give it to POST /templates/{name}/runs"
    assert faults(refused.value) == {
        "/inputs": message,
        "/seed": message,
        "/name": "is another than that of the path: leave it out",
    }


@pytest.mark.parametrize("name", ["", ".", "-a", "a/b", "a b", "ü", "a" * 129, "a\n"])
def test_a_name_is_one_that_a_path_can_hold(name: str) -> None:
    """It stands in addresses, logs and lists."""
    with pytest.raises(SubmissionRejected, match="needs another name"):
        template_document({"source": "x"}, name=name)


def test_a_run_overrides_what_may_be_overridden() -> None:
    """As `TaskTemplate.override`: null leaves a parameter as it is, a value takes its place; limits one by one."""
    given = {"inputs": {"x": 1}, "limits": {"calls": 7}, "env_vars": {"B": "2"}, "report": None, "version": "sha256:1"}

    assert run_document(KEPT, given) == {
        **KEPT,
        "inputs": {"x": 1},
        "limits": {"calls": 7, "fuel": 9},
        "env_vars": {"B": "2"},
    }
    assert KEPT["limits"] == {"calls": 5, "fuel": 9}


@pytest.mark.parametrize(
    "member",
    [
        "source",
        "code",
        "functions",
        "client_functions",
        "input_types",
        "output",
        "name",
        "docs",
        "image",
        "policy",
        "odd",
    ],
)
def test_what_may_not_be_overridden_is_refused_by_name(member: str) -> None:
    """What a template is: another program, whitelist or interface would be another template."""
    with pytest.raises(SubmissionRejected) as refused:
        run_document(KEPT, {"inputs": {"x": 1}, member: "anything"})

    assert refused.value.faults == (Fault(pointer=f"/{member}", message=RULE),)


def test_an_input_that_the_template_does_not_declare_is_refused() -> None:
    """Its version says which inputs there are."""
    with pytest.raises(SubmissionRejected) as refused:
        run_document(KEPT, {"inputs": {"x": 1, "y": 2}})

    assert faults(refused.value) == {"/inputs/y": "is no input of the template; inputs: x"}


@pytest.mark.parametrize("version", ["1", "sha256:", "sha256:" + "g" * 64, 1, ["sha256:" + "0" * 64]])
def test_a_version_is_a_digest(version: Any) -> None:
    """It never reaches the database otherwise."""
    with pytest.raises(SubmissionRejected, match="must be a version as GET /templates"):
        wanted_version({"version": version})


def test_a_run_need_not_name_a_version() -> None:
    """Then it is the current one."""
    assert wanted_version({}) is None
    assert wanted_version({"version": "sha256:" + "0" * 64}) == "sha256:" + "0" * 64
