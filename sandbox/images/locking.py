"""Requirements -> wheels of pure Python, resolved and fetched by pip, which runs as a process of its own.

Only wheels are fetched: a source distribution runs code of its package while it is built. Which index is asked is for
the operator to say, as pip is told in its configuration (`PIP_INDEX_URL`, `pip.conf`).
"""

import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import ImageRefused, ImageToolsMissing

GUEST_VERSION = "3.14"
_PIP = (sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input")
_WHEELS_ONLY = ("--only-binary=:all:",)
_PURE = ("--platform", "any", "--implementation", "py", "--abi", "none", "--python-version", GUEST_VERSION)
_MOST_SECONDS = 600
_NO_MATCH = re.compile(r"No matching distribution found for ([^\s(]+)")
_WANTED_BY = re.compile(r"satisfies the requirement \S+ \(from ([^\s)]+)\) \(from versions")
_WHEEL = re.compile(
    r"(?P<name>[^-]+)-(?P<version>[^-]+)(?:-\d[^-]*)?-(?P<python>[^-]+)-(?P<abi>[^-]+)-(?P<on>[^-]+)\.whl"
)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_SHOWN = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A package in the version that was resolved."""

    name: str
    version: str
    sha256: str
    """Of its wheel."""
    file: str
    """The wheel's name."""


def fetch(requirements: Sequence[str], folder: Path) -> list[Locked]:
    """Resolve requirements, fetch the wheels of all packages into `folder`, and return them by name.

    Raises:
        ImageRefused: a package has no wheel of pure Python, there is no such package, or versions do not fit together.
        ImageToolsMissing: there is no pip.
    """
    done = _pip("download", *_WHEELS_ONLY, *_PURE, "--dest", str(folder), "--quiet", *requirements)
    if done.returncode:
        raise _refusal(requirements, done.stderr)
    return sorted((_locked(path) for path in folder.iterdir()), key=lambda one: one.name)


def _locked(path: Path) -> Locked:
    parts = _WHEEL.fullmatch(path.name)
    if parts is None:
        raise ImageRefused(path.name, "it is no wheel")
    if (parts["abi"], parts["on"]) != ("none", "any"):
        raise ImageRefused(parts["name"], f"its wheel {path.name} is not of pure Python")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = re.sub(r"[-_.]+", "-", parts["name"]).lower()
    return Locked(name=name, version=parts["version"], sha256=digest, file=path.name)


def _pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(  # noqa: S603 - requirements were checked to be names; none begins with a dash
            [*_PIP, *arguments], check=False, capture_output=True, text=True, errors="replace", timeout=_MOST_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ImageRefused(arguments[-1], f"pip was not done after {_MOST_SECONDS} s") from None
    if done.returncode and "No module named pip" in done.stderr:
        raise ImageToolsMissing("guest images are built with pip, which this Python lacks: python -m ensurepip")
    return done


def _refusal(requirements: Sequence[str], told: str) -> ImageRefused:
    found = _NO_MATCH.search(told)
    if found is None:
        return ImageRefused(", ".join(requirements), f"pip says: {_last_errors(told)}")
    wanted, by = found[1], _WANTED_BY.search(told)
    named = _NAME.match(wanted)
    package = wanted if named is None else named[0]
    reason = _why_not(wanted)
    return ImageRefused(package, reason if by is None else f"{reason} ({by[1]} needs it)")


def _why_not(wanted: str) -> str:
    """Return why there is no wheel of pure Python, by asking once more with less to ask."""
    here = _pip("install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet", *_WHEELS_ONLY, wanted)
    if not here.returncode:
        return "it has compiled parts, and only pure Python runs in the guest; pass what it computes through a function"
    known = _pip("index", "versions", "--quiet", wanted)
    if not known.returncode:
        return "it has no wheel of pure Python, and building one from its source distribution would run its code"
    return f"the index that pip asks has no such package or version; pip says: {_last_errors(here.stderr)}"


def _last_errors(told: str) -> str:
    errors = [line.removeprefix("ERROR: ") for line in told.splitlines() if line.startswith("ERROR: ")]
    return " ".join(errors or told.splitlines()[-2:])[:_SHOWN]
