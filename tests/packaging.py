"""Packages made by tests: wheels and source distributions in a folder that pip looks into, and into nothing else."""

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

PURE = "py3-none-any"


def make_wheel(
    folder: Path,
    name: str,
    files: Mapping[str, str | bytes],
    *,
    version: str = "1.0",
    tag: str = PURE,
    requires: Sequence[str] = (),
) -> Path:
    """Write a wheel with these files, by their paths in it."""
    module = name.replace("-", "_")
    about = f"{module}-{version}.dist-info"
    metadata = [
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}",
        *(f"Requires-Dist: {one}" for one in requires),
    ]
    wheel = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n"
    path = folder / f"{module}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for place, content in files.items():
            archive.writestr(place, content)
        archive.writestr(f"{about}/METADATA", "\n".join(metadata) + "\n")
        archive.writestr(f"{about}/WHEEL", wheel)
        archive.writestr(f"{about}/RECORD", "")
    return path


def make_source_distribution(folder: Path, name: str, setup: str) -> Path:
    """Write a source distribution of version 1.0, whose `setup.py` is run by whoever builds it."""
    path = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        for place, content in {"setup.py": setup, "PKG-INFO": about}.items():
            entry = tarfile.TarInfo(f"{name}-1.0/{place}")
            entry.size = len(content.encode())
            archive.addfile(entry, io.BytesIO(content.encode()))
    return path


def look_only_into(folder: Path, environment: pytest.MonkeyPatch) -> None:
    """Have pip find what lies in a folder, and ask no index."""
    environment.setenv("PIP_NO_INDEX", "1")
    environment.setenv("PIP_FIND_LINKS", str(folder))
    environment.setenv("PIP_CONFIG_FILE", "/dev/null")
