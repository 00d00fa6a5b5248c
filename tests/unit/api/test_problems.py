"""Every refusal has a status and an explanation."""

import json

import pytest

from api.problems import PROBLEMS, RequestRefused, problem_of
from service import errors


def raised() -> list[errors.ServiceError]:
    """One of each error that a request can meet."""
    return [
        errors.SubmissionRejected([errors.Fault(pointer="/a", message="is wrong")]),
        errors.LimitBeyondCeiling("fuel", 5),
        errors.PolicyNotAllowed(),
        errors.FunctionNotFound(["a"]),
        errors.RunNotKept(600),
        errors.NoReport(),
        errors.JournalNotKept(),
        errors.RunConflict("the run is completed already"),
        errors.CallNotPending("call_1", "is settled already, with another outcome"),
        errors.AnswerTooLate("call_1"),
        errors.IdempotencyKeyReused(),
        errors.OwnApproval(),
        errors.NothingKept(),
        errors.ImageNotReady("dates", "is still being built", 10),
        errors.Overloaded(1, 2),
        errors.BodiesTooLarge(5),
        errors.TenantBusy(1, 2),
        errors.RateReached(1, 60, 5),
        errors.StorageFull("max_waiting_runs", 5, 5),
        errors.Stopping(),
        errors.StoreUnavailable("SQLITE_FULL"),
        errors.KeyNotValid(),
        errors.ScopeMissing("approve"),
        errors.TemplateNotFound(),
        errors.SourceRejected([]),
        errors.TemplatesFull(5),
        errors.FunctionNotAllowed("a", ["b"]),
    ]


def test_the_list_of_errors_is_complete() -> None:
    """An error that nobody gave a status would be a 500."""
    known = {type(error) for error in raised()}

    assert {kind for kind in errors.ServiceError.__subclasses__() if kind.__module__ == "service.errors"} == known


@pytest.mark.parametrize("error", raised(), ids=lambda error: error.code)
def test_every_error_has_its_problem(error: errors.ServiceError) -> None:
    """Code and type are what clients branch on."""
    response = problem_of(error)
    body = json.loads(bytes(response.body))

    assert body["code"] == error.code.replace("_", "-")
    assert body["status"] == response.status_code == PROBLEMS[body["code"]].status
    assert body["detail"] == str(error)
    assert ("retry-after" in response.headers) is (response.status_code in (429, 503))


def test_faults_are_listed() -> None:
    """The whole body, as RFC 9457 and the contract have it."""
    faults = [errors.Fault(pointer="/a", message="is wrong"), errors.Fault(pointer="/b", message="is missing")]
    response = problem_of(errors.SubmissionRejected(faults))

    assert response.media_type == "application/problem+json"
    assert json.loads(bytes(response.body)) == {
        "type": "/problems/invalid-request",
        "title": "The request is not valid",
        "status": 422,
        "detail": "2 faults; the first: /a is wrong",
        "code": "invalid-request",
        "errors": [{"pointer": "/a", "message": "is wrong"}, {"pointer": "/b", "message": "is missing"}],
    }


def test_what_nobody_thought_of_says_nothing_about_the_host() -> None:
    """Its details are for the log."""
    response = problem_of(KeyError("s3cr3t"))

    assert response.status_code == 500
    assert b"s3cr3t" not in bytes(response.body)


def test_a_missing_key_is_challenged() -> None:
    """RFC 9110 wants it said how."""
    assert problem_of(RequestRefused("unauthorized", "send a key")).headers["www-authenticate"] == "Bearer"
