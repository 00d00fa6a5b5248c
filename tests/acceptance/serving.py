"""The real service in a process of its own, as a caller and an operator see it."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FUNCTIONS = "tests.acceptance.functions:env"
_READY = re.compile(r"^Isthmus listens on (http://\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A service that is ready."""

    url: str
    process: subprocess.Popen[str]
    log: Path


def command(*arguments: str) -> list[str]:
    """Return the `isthmus` command, without the current directory on the import path."""
    return [sys.executable, "-P", "-c", "from api.cli import main; main()", *arguments]


def environment(**settings: str) -> dict[str, str]:
    """Return an environment in which the packages are found, with the settings that are given and no others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ISTHMUS_")}
    # A command that makes a database where it is not told to shall not make it in somebody's home, nor take one that
    # a test beside this one has taken.
    state = ROOT / ".pytest_cache" / "state" / os.environ.get("PYTEST_XDIST_WORKER", "main")
    return {**kept, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(state), **settings}


@contextmanager
def serving(log: Path, *arguments: str, functions: str = FUNCTIONS, **settings: str) -> Iterator[Serving]:
    """Start a service on a free port, and end it afterwards."""
    beside = {"ISTHMUS_DATABASE": f"{log.name}.db", "ISTHMUS_CACHE_FILE": f"{log.name}.results"}
    settings = {**{name: str(log.with_name(file)) for name, file in beside.items()}, **settings}
    with log.open("w") as errors:
        process = subprocess.Popen(
            command("serve", "--port", "0", "--functions", functions, *arguments),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env=environment(**settings),
        )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        ready = _READY.match(line)
        try:
            assert ready is not None, line + log.read_text()
            yield Serving(url=ready[1], process=process, log=log)
        finally:
            process.terminate()


def until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    """Return as soon as something is so, and fail when it does not come to be."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def run_command(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the `isthmus` command to its end."""
    return subprocess.run(
        command(*arguments),
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(**settings),
        timeout=60,
        check=False,
    )
