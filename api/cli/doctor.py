"""`isthmus doctor`: whether each wall stands on this machine; 0 when all do, 1 when one does not."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from api.cli.terminal import say
from sandbox.engines.cpython.doctor import examine
from sandbox.engines.table import installed
from sandbox.engines.workers.findings import Finding
from sandbox.threads import DaemonExecutor


def add_doctor_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `isthmus doctor` takes."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def diagnose(options: argparse.Namespace) -> int:
    """Examine the machine and print what was found."""
    findings = asyncio.run(_examine())
    sys.stdout.write(as_json(findings) if options.json else as_lines(findings))
    return 0 if all(finding.holds for finding in findings) else 1


def as_json(findings: Sequence[Finding]) -> str:
    """Return the findings for programs."""
    everything = {"holds": all(one.holds for one in findings), "walls": [asdict(one) for one in findings]}
    return json.dumps(everything, indent=2) + "\n"


def as_lines(findings: Sequence[Finding]) -> str:
    """Return the findings for people: a line for each wall, and one that counts."""
    width = max(len(one.wall) for one in findings)
    lines = [f"{'holds' if one.holds else 'FAILS'}  {one.wall:{width}}  {one.found}" for one in findings]
    failing = sum(not one.holds for one in findings)
    verdict = f"{failing} of {len(findings)} do not hold" if failing else "all hold"
    return "\n".join([*lines, "", verdict, ""])


async def _examine() -> Sequence[Finding]:
    # Its threads do not hold up the exit: compiling the guest cannot be interrupted.
    asyncio.get_running_loop().set_default_executor(DaemonExecutor())
    findings = await examine(say)
    if "monty" in installed():
        from sandbox.engines.monty import doctor

        findings += await doctor.examine(say)
    return findings
