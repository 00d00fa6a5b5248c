"""The end of a process that used the library: at once, without a word, without processes left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What a loaded machine may take; on an idle one the end takes about 0.05 s.
PATIENCE_SECONDS = 1.5

FINISHED = """
from sandbox import orchestrator_from_str
assert orchestrator_from_str("x * 2", inputs={"x": int}, output=int)(x=2) == 4
say()
"""
UNDER_WAY = """
import threading
from sandbox import orchestrator_from_str
started = threading.Event()
def begin() -> None:
    started.set()
def hang() -> None:
    time.sleep(60)
template = orchestrator_from_str(SOURCE, inputs={}, tasks=[begin, hang])
threading.Thread(target=template, daemon=True).start()
assert started.wait(30)
time.sleep(0.2)
say()
"""
INTERRUPTED = """
import os, signal, threading
from sandbox import orchestrator_from_str
# Whatever a shell starts in the background ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
def begin() -> None:
    say()
    os.killpg(0, signal.SIGINT)
orchestrator_from_str("begin()\\nwhile True: pass", inputs={}, tasks=[begin])()
"""
FORKED = """
import os, sys
from sandbox import orchestrator_from_str
template = orchestrator_from_str("x * 2", inputs={"x": int}, output=int)
assert template(x=2) == 4
child = os.fork()
if child == 0:
    assert template(x=3) == 6
    sys.exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert template(x=4) == 8
say()
"""
TWICE = """
    grandchild = os.fork()
    assert template(x=5) == 10
    if grandchild:
        os.waitpid(grandchild, 0)
    sys.exit(7)
"""
# The system gives the ids of dead processes again.
SAME_ID = """
import os
os.getpid = lambda: 1
"""
ORPHANING = """
import os, signal
from sandbox import orchestrator_from_str
assert orchestrator_from_str("x * 2", inputs={"x": int}, output=int)(x=2) == 4
child = os.fork()
if child == 0:
    time.sleep(60)
    os._exit(0)
print(child, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def ended(program: str) -> tuple[int, str, float, list[int]]:
    """Run a program in a session of its own: exit status, what it said, how long its end took, what is left."""
    say = "import time\ndef say():\n    print(time.time(), flush=True)\n"
    process = start(say + program)
    try:
        out, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    end = time.time()
    time.sleep(0.1)
    return process.returncode, err, end - float(out or "nan"), in_session(process.pid)


def start(program: str) -> "subprocess.Popen[str]":
    """Start a program in a session of its own."""
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def in_session(session: int) -> list[int]:
    """The processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and os.getsid(int(entry.name)) == session:
                found.append(int(entry.name))
        except ProcessLookupError:
            continue
    return found


@pytest.mark.parametrize(
    "program",
    [
        FINISHED,
        UNDER_WAY.replace("SOURCE", repr("begin()\nhang()")),
        UNDER_WAY.replace("SOURCE", repr("begin()\nwhile True: pass")),
        UNDER_WAY.replace("SOURCE", repr("begin()\nimport time\ntime.sleep(60)")),
        FORKED,
        SAME_ID + FORKED,
        FORKED.replace("sys.exit(7)", TWICE),
    ],
    ids=["finished", "in a function", "computing", "sleeping", "forked", "forked under an old id", "forked twice"],
)
def test_a_process_ends_at_once(program: str) -> None:
    """Whatever is under way in its daemon threads, and whether or not it forked."""
    status, err, seconds, left = ended(program)

    assert (status, err, left) == (0, "", [])
    assert seconds < PATIENCE_SECONDS


def test_an_interrupted_process_says_so_and_nothing_else() -> None:
    """The key combination reaches the workers as well; they must not print their own traceback."""
    status, err, seconds, left = ended(INTERRUPTED)

    assert (status, left) == (-2, []), err
    assert "/sandbox/engines/" not in err
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert seconds < PATIENCE_SECONDS


def test_workers_end_with_their_process_though_a_child_of_it_lives_on() -> None:
    """A child holds what it inherits; a killed parent cannot tell its workers to end."""
    with start("import time\n" + ORPHANING) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        try:
            assert process.wait(30) == -signal.SIGKILL
            patience = time.monotonic() + 10
            while (left := in_session(process.pid)) != [child] and time.monotonic() < patience:
                time.sleep(0.05)
            assert left == [child]
        finally:
            os.kill(child, signal.SIGKILL)
