"""pip resolves and fetches wheels of pure Python; whatever else is refused with its reason, and nothing is run."""

import hashlib
import sysconfig
from pathlib import Path

import pytest

from sandbox.errors import ImageRefused
from sandbox.images.locking import Locked, fetch
from tests.packaging import look_only_into, make_source_distribution, make_wheel

CODE = {"ok.py": "x = 1"}
HERE = sysconfig.get_platform().replace("-", "_").replace(".", "_")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    look_only_into(folder, monkeypatch)
    return folder


def refusal(tmp_path: Path, *requirements: str) -> ImageRefused:
    with pytest.raises(ImageRefused) as raised:
        fetch(requirements, tmp_path / "wheels")
    return raised.value


def test_packages_are_locked_with_all_that_they_need(tmp_path: Path, index: Path) -> None:
    """The digests of the wheels are what an image is named after."""
    first = make_wheel(index, "first-one", CODE, requires=["second"])
    second = make_wheel(index, "second", {"second.py": ""}, tag="py2.py3-none-any")

    assert fetch(["first_one"], tmp_path / "wheels") == [
        Locked(name="first-one", version="1.0", sha256=hashlib.sha256(first.read_bytes()).hexdigest(), file=first.name),
        Locked(name="second", version="1.0", sha256=hashlib.sha256(second.read_bytes()).hexdigest(), file=second.name),
    ]


def test_compiled_parts_are_a_reason(tmp_path: Path, index: Path) -> None:
    """A wheel for this machine is there, and none that runs in WebAssembly."""
    make_wheel(index, "fast", CODE, tag=f"py3-none-{HERE}")
    make_wheel(index, "needs-fast", {"slow.py": ""}, requires=["fast"])
    reason = "it has compiled parts, and only pure Python runs in the guest; pass what it computes through a function"

    assert (refusal(tmp_path, "fast").package, refusal(tmp_path, "fast").reason) == ("fast", reason)
    assert str(refusal(tmp_path, "needs-fast")) == (
        f'the package "fast" cannot be part of a guest image: {reason} (needs-fast needs it)'
    )


def test_a_source_distribution_is_refused_and_not_built(tmp_path: Path, index: Path) -> None:
    """Its setup.py would run on the host."""
    ran = tmp_path / "ran"
    make_source_distribution(index, "unbuilt", f"open({str(ran)!r}, 'w')\n")

    assert refusal(tmp_path, "unbuilt").reason == (
        "it has no wheel of pure Python, and building one from its source distribution would run its code"
    )
    assert not ran.exists()


def test_an_unknown_package_is_named(tmp_path: Path, index: Path) -> None:
    """With pip's own words, for whoever mistyped a version."""
    make_wheel(index, "known", CODE)

    assert refusal(tmp_path, "known==2").package == "known"
    assert refusal(tmp_path, "known==2").reason == (
        "the index that pip asks has no such package or version; pip says: Could not find a version that satisfies the "
        "requirement known==2 (from versions: 1.0) No matching distribution found for known==2"
    )


def test_versions_that_do_not_fit_together_are_told(tmp_path: Path, index: Path) -> None:
    """The resolver's own words name both sides."""
    make_wheel(index, "old", CODE, requires=["shared<1"])
    make_wheel(index, "shared", {"shared.py": ""})

    assert "shared" in refusal(tmp_path, "old", "shared==1.0").reason
