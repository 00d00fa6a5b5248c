"""How bodies become answers, corrections and forks."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from api.schemas.conversation import ForkBody, PatchBody, ResumeBody
from api.schemas.reading import faults_of, read_document
from sandbox.turns import Failure
from service.errors import Fault, SubmissionRejected
from service.runs.order import pointer
from service.runs.patch import Correction
from service.runs.resume import Answer

_Body = TypeVar("_Body", bound=BaseModel)


def read_answers(body: bytes) -> tuple[list[Answer], float | None]:
    """Return what a body answers, and how long its request may stay open.

    Raises:
        SubmissionRejected: it is not the JSON of answers; every fault is named.
    """
    asked = _read(body, ResumeBody, example='{"results": [{"call_id": "call_1", "output": 5}]}')
    answers: list[Answer] = []
    for index, one in enumerate(asked.results):
        given = [name for name in ("output", "error", "decision") if name in one.model_fields_set]
        if len(given) != 1:
            message = "must hold one of output, error and decision"
            raise SubmissionRejected([Fault(pointer=pointer("results", index), message=message)])
        failure = None
        if one.error is not None:
            failure = Failure(type=one.error.type, message=one.error.message, arguments=(one.error.message,))
        elif "error" in given:
            raise SubmissionRejected([Fault(pointer=pointer("results", index, "error"), message="must be an object")])
        answers.append(
            Answer(call_id=one.call_id, output=one.output, error=failure, decision=one.decision, digest=one.digest)
        )
    return answers, asked.wait_seconds


def read_correction(body: bytes) -> Correction:
    """Return what a body corrects.

    Raises:
        SubmissionRejected: it is not the JSON of a correction.
    """
    asked = _read(body, PatchBody, example='{"source": "1 + 1"}')
    if asked.source is None and asked.inputs is None:
        raise SubmissionRejected([Fault(pointer="/source", message="is missing: send the corrected program")])
    if asked.source is not None and not asked.source.strip():
        raise SubmissionRejected([Fault(pointer="/source", message="is empty: send the corrected program")])
    return Correction(source=asked.source, inputs=asked.inputs, wait_seconds=asked.wait_seconds)


def read_fork(body: bytes) -> ForkBody:
    """Return what a body asks for.

    Raises:
        SubmissionRejected: it is not the JSON of a fork.
    """
    return _read(body, ForkBody, example='{"at_call": "call_1", "output": 5}')


def _read(body: bytes, model: type[_Body], *, example: str) -> _Body:
    try:
        return model.model_validate(read_document(body, example=example))
    except ValidationError as error:
        raise SubmissionRejected(faults_of(error, model)) from None
