"""What a program that reached a limit is told: which, how much of it there was, where it was, and the way out."""

from sandbox.turns import ErrorReport, Frame, LimitExceeded, Program

_SHOWN_SOURCE = 400
_HINTS = {
    "fuel": "the program computes too much: look for an endless loop, or ask for more fuel",
    "cpu_seconds": "the program computes for too long: look for an endless loop, or ask for more cpu_seconds",
    "wall_seconds": "the program and the functions it waits for take too long: make calls in parallel with "
    "asyncio.gather, or ask for more wall_seconds",
    "memory_bytes": "the program holds too much at once: handle the rows one after another, or ask for more",
    "output_bytes": "the program prints too much: return what matters as the last expression",
    "source_bytes": "the source is too long: pass the data in it under `inputs`",
    "value_bytes": "pass, fetch and return the rows and fields that are needed, or ask for more value_bytes",
    "value_nodes": "pass, fetch and return the rows and fields that are needed; each list in a value counts as five",
    "value_levels": "use a flat list of rows; a value must not contain itself",
    "calls": "the program calls too many functions: look for a loop that does not end, or ask for more calls",
    "stack": "a value or an expression is nested too deeply: use a flat list",
}


def report_of_limit(reached: LimitExceeded, program: Program, *, last_line: int, used: float | None) -> ErrorReport:
    """Return the error of a run that reached a limit.

    Args:
        last_line: of the last call that it made, 0 when it made none.
        used: what it used of the limit; None where nobody knows.
    """
    bound = f" of {reached.allowed:,}" if reached.allowed is not None else ""
    detail = f" with {reached.detail}" if reached.detail else ""
    # A program that is out of time was most likely waiting for what it called last.
    line = last_line if reached.limit == "wall_seconds" else reached.line
    # How much memory it had is known only when the guest could still tell.
    known = None if reached.limit == "memory_bytes" and not reached.traceback else used
    return ErrorReport(
        kind="limit",
        type="LimitExceeded",
        message=f"the program reached the limit {reached.limit}{bound}{detail}",
        traceback=reached.traceback or _place(line, program),
        hint=_HINTS[reached.limit] + ("" if known is None else f"; it used {round(known, 3):,}"),
    )


def _place(line: int, program: Program) -> tuple[Frame, ...]:
    """Return a line that the guest could not, or did not, tell in a traceback."""
    if not line:
        return ()
    source = program.source.split("\n")
    text = source[line - 1].strip()[:_SHOWN_SOURCE] if line <= len(source) else ""
    return (Frame(line=line, column=None, function="<module>", source=text),)
