"""`isthmus doctor` says which walls stand on this machine, because it tried them."""

import argparse
import json

import pytest

from api.cli.doctor import as_json, as_lines, diagnose
from sandbox.engines.cpython import doctor, launch, probes
from sandbox.engines.cpython.engine import CPythonEngine
from sandbox.engines.monty import doctor as of_monty
from sandbox.engines.workers import process
from sandbox.engines.workers.findings import Finding, Seen, judged
from sandbox.engines.workers.walls import EVERY, IN_FORCE, MISSING, Wall
from tests.acceptance.serving import run_command

WORDS = probes.probe_walls(process.python_alone, process.IMPORT_ALONE)
every_wall = pytest.mark.skipif(dict.fromkeys(Wall, "refused") != WORDS, reason="this kernel lacks a wall")
NAMES = [
    "language policy", "WebAssembly", "guest", "worker: user", "worker: privileges", "worker: attaching",
    "worker: resources", "worker: environment", "worker: descriptors", "worker: files", "worker: network",
    "worker: signals", "worker: code", "worker: system calls", "monty interpreter", "monty worker: user",
    "monty worker: privileges", "monty worker: attaching", "monty worker: environment", "monty worker: descriptors",
    "monty worker: files", "monty worker: network", "monty worker: signals", "monty worker: system calls",
]  # fmt: skip
FOUND = [Finding(wall="guest", holds=True, found="is there"), Finding(wall="worker: files", holds=False, found="why")]
MADE_UP_FOR = f"{MISSING[Wall.NETWORK]}; the filter of system calls makes up for it"
WITHOUT_SECCOMP = "from sandbox.engines.workers import syscalls; syscalls.MACHINES.clear(); "


@every_wall
def test_the_doctor_finds_every_wall() -> None:
    """What an operator runs once on a new machine, and a container's build may run as a check."""
    done = run_command("doctor", "--json")
    told = json.loads(done.stdout)

    assert (done.returncode, told["holds"]) == (0, True)
    assert [wall["wall"] for wall in told["walls"]] == NAMES
    assert {wall["holds"] for wall in told["walls"]} == {True}


@every_wall
def test_the_doctor_fails_where_a_wall_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here as on a machine whose system calls nobody has written down."""
    start = launch._START.replace(process.IMPORT_ALONE, process.IMPORT_ALONE + WITHOUT_SECCOMP)
    monkeypatch.setattr(launch, "_START", start)

    code = diagnose(argparse.Namespace(json=True))
    told = json.loads(capsys.readouterr().out)

    assert (code, told["holds"]) == (1, False)
    assert [wall for wall in told["walls"] if not wall["holds"]] == [
        {
            "wall": "worker: system calls",
            "holds": False,
            "found": "system calls: seccomp filters are needed, on x86-64 or ARM (aarch64)",
        }
    ]


def test_findings_are_lines_for_people_and_objects_for_programs() -> None:
    """The last line counts, so that nobody has to."""
    assert as_lines(FOUND) == (
        "holds  guest          is there\nFAILS  worker: files  why\n\n1 of 2 do not hold\n"
    )  # fmt: skip
    assert as_lines(FOUND[:1]) == "holds  guest  is there\n\nall hold\n"
    assert json.loads(as_json(FOUND)) == {
        "holds": False,
        "walls": [
            {"wall": "guest", "holds": True, "found": "is there"},
            {"wall": "worker: files", "holds": False, "found": "why"},
        ],
    }


@pytest.mark.parametrize(
    ("wall", "word", "in_force", "seen", "holds", "found"),
    [
        (Wall.FILES, "refused", EVERY, (True, "x"), True, "Landlock: no file can be opened; x"),
        (Wall.FILES, "missing", EVERY & ~Wall.FILES, None, False, MISSING[Wall.FILES]),
        (Wall.FILES, "reached", EVERY, (True, "x"), False, "does not hold: what it has to refuse was reached; x"),
        (Wall.USER, "refused", EVERY, (False, "user 0"), False, "the kernel says otherwise: user 0"),
        (Wall.NETWORK, "missing", EVERY & ~Wall.NETWORK, None, True, MADE_UP_FOR),
        (Wall.NETWORK, "missing", Wall.FILES, None, False, MISSING[Wall.NETWORK]),
    ],
)  # fmt: skip
def test_a_wall_holds_when_trying_asking_and_its_own_word_agree(
    wall: Wall, word: str, in_force: Wall, seen: tuple[bool, str] | None, holds: bool, found: str  # noqa: FBT001
) -> None:  # fmt: skip
    """Each of the three alone can be wrong."""
    finding = judged(wall, word, in_force, seen)

    assert (finding.holds, finding.found) == (holds, found)


async def test_a_program_that_gets_out_is_found() -> None:
    """The probes of WebAssembly must not call everything refused."""
    engine = CPythonEngine(workers=1)
    await engine.open()
    refused = await doctor._is_refused(engine, "open('/etc/passwd')")
    reached = not await doctor._is_refused(engine, "__import__('os').getcwd")
    await engine.close()

    assert (refused, reached) == (True, True)


@pytest.mark.parametrize(
    ("wall", "in_force", "seen", "holds", "found"),
    [
        (Wall.USER, EVERY, {Wall.USER: (True, "user 1")}, True, f"{IN_FORCE[Wall.USER]}; user 1"),
        (Wall.USER, EVERY, {Wall.USER: (False, "user 0")}, False, "the kernel says otherwise: user 0"),
        (Wall.FILES, EVERY & ~Wall.FILES, {}, False, MISSING[Wall.FILES]),
    ],
)  # fmt: skip
def test_a_wall_of_the_other_engine_holds_when_its_worker_and_the_kernel_say_so(
    wall: Wall, in_force: Wall, seen: Seen, holds: bool, found: str  # noqa: FBT001
) -> None:  # fmt: skip
    """Either can be wrong."""
    finding = of_monty._worker(wall, in_force, seen)

    assert (finding.holds, finding.found) == (holds, found)
