"""Compiled code of a program: a text that the guest wrote and reads, and nobody else looks into.

It is bound to what it was made of, so that it never runs in the place of another program, nor in another guest, nor for
another tenant. The text is not secret and carries no proof of where it came from: whoever may write to where it is kept
may replace it, and gets no further than a program does that runs without the language policy.
"""

import hashlib
import json

from sandbox.turns import CompiledCode, ErrorReport, LimitExceeded, Program, Progress, Raised


def bound(text: str, program: Program, *, engine_version: str) -> CompiledCode:
    """Return the code that an engine of this version made of a program."""
    return CompiledCode(text=text, binding=_binding(text, program, engine_version))


def fits(code: CompiledCode, program: Program, *, engine_version: str) -> bool:
    """Say whether the code was made of this program, by an engine of this version."""
    return code.binding == _binding(code.text, program, engine_version)


def refusal_of(progress: Progress) -> ErrorReport:
    """Return why a program could not be compiled."""
    if isinstance(progress, Raised):
        return progress.error
    if isinstance(progress, LimitExceeded):
        bound = f" of {progress.allowed:,}" if progress.allowed is not None else ""
        message = f"compiling the program reached the limit {progress.limit}{bound}"
        return ErrorReport(kind="limit", type="LimitExceeded", message=message, hint="write it shorter and flatter")
    return ErrorReport(kind="runtime", type="InterpreterAborted", message="the program could not be compiled")


def _binding(text: str, program: Program, engine_version: str) -> str:
    parts = [
        engine_version,
        program.tenant,
        program.guarded,
        [[spec.name, spec.is_async] for spec in program.functions],
        sorted(program.env_vars.items()),
        hashlib.sha256(program.source.encode(errors="surrogatepass")).hexdigest(),
        hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest(),
    ]
    return "sha256:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()
