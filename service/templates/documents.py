"""What a template's body and a run's body may say, as JSON documents. Pure.

A template has what `TaskTemplate` has; the values of a run, and what concerns one run alone, come with the run. What
may be changed for a run is what `TaskTemplate.override` lets be changed.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from service.errors import Fault, SubmissionRejected, listing
from service.runs.order import pointer

OF_RUNS = ("inputs", "seed", "now", "wait_seconds", "metadata", "durable", "webhook")
"""Members that come with a run."""
OVERRIDABLE = ("limits", "env_vars", "cache", "retries", "timeout", "links", "report")
"""Members of a template that a run may have otherwise."""
VERSION = "version"
"""A member of a run: which version of the template, where it is not the current one."""
MAX_NAME = 128
_NOT_OVERRIDABLE = f"cannot be overridden; a run has {listing(OF_RUNS)}, and may override {listing(OVERRIDABLE)}"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_VERSION = re.compile(r"sha256:[0-9a-f]{64}")


def template_document(given: Mapping[str, Any], *, name: str) -> dict[str, Any]:
    """Return what is kept of a template's body: one form for each content, with the template's name.

    Raises:
        SubmissionRejected: the name cannot be one, or a member has no place in a template.
    """
    faults = [] if _NAME.fullmatch(name) else [Fault(pointer="", subject="the template", message=_name_rule())]
    faults += [
        Fault(pointer=pointer(member), message="has no place in a template: give it to POST /templates/{name}/runs")
        for member in OF_RUNS
        if given.get(member) is not None
    ]
    if given.get("name") not in (None, name):
        faults.append(Fault(pointer="/name", message="is another than that of the path: leave it out"))
    if faults:
        raise SubmissionRejected(faults)
    document = {member: value for member, value in given.items() if value is not None and member not in OF_RUNS}
    if "code" in document and "source" not in document:
        document["source"] = document.pop("code")
    return {**document, "name": name}


def version_of(document: Mapping[str, Any]) -> str:
    """Return the digest of a template's document, whatever the order of its members."""
    return "sha256:" + hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def wanted_version(given: Mapping[str, Any]) -> str | None:
    """Return the version that a run names, None when it names none.

    Raises:
        SubmissionRejected: it is no version.
    """
    version = given.get(VERSION)
    if version is not None and (not isinstance(version, str) or not _VERSION.fullmatch(version)):
        message = 'must be a version as GET /templates/{name}/versions lists them: "sha256:..."'
        raise SubmissionRejected([Fault(pointer="/version", message=message)])
    return version


def run_document(template: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the submission of a run of a template.

    A member that is null leaves what the template has; `limits` are changed one by one, all others as a whole.

    Raises:
        SubmissionRejected: a member may not be overridden, or an input is not one of the template's.
    """
    changed = {member: value for member, value in given.items() if value is not None and member != VERSION}
    faults = [
        Fault(pointer=pointer(member), message=_NOT_OVERRIDABLE)
        for member in changed
        if member not in OF_RUNS and member not in OVERRIDABLE
    ]
    inputs, declared = changed.get("inputs"), template.get("input_types", {})
    if isinstance(inputs, dict):
        faults += [
            Fault(pointer=pointer("inputs", name), message=f"is no input of the template; inputs: {listing(declared)}")
            for name in inputs
            if name not in declared
        ]
    if faults:
        raise SubmissionRejected(faults)
    if isinstance(changed.get("limits"), dict):
        changed["limits"] = {**template.get("limits", {}), **changed["limits"]}
    return {**template, **changed}


def _name_rule() -> str:
    return f"needs another name: 1 to {MAX_NAME} letters A-Z a-z, digits, and . _ -, the first a letter or a digit"
