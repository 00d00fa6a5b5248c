"""Code bundles: written, fetched once, unpacked within bounds, read as data."""

import asyncio
import gzip
import hashlib
import importlib.util
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from sandbox import CodeTaskTemplate
from sandbox.extend import CodeBundle, download_code_bundle, template_of_bundle, write_code_bundle
from sandbox.orchestrator import unchecked
from tests.unit.sandbox.templates import shelf

FSSPEC = importlib.util.find_spec("fsspec") is not None
PRICE = f"{shelf.__name__}:price"


def template(name: str = "total") -> CodeTaskTemplate:
    """A template that calls a function."""
    return unchecked("price('ab') * n", inputs={"n": int}, output=float, tasks=[shelf.price], name=name)


def archive(tmp_path: Path, files: dict[str, bytes], **member: Any) -> CodeBundle:
    """A bundle that nobody of ours wrote."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for field, value in member.items():
                setattr(info, field, value)
            tar.addfile(info, io.BytesIO(content))
    path = tmp_path / "odd.tgz"
    path.write_bytes(gzip.compress(raw.getvalue()))
    version = hashlib.sha256(path.read_bytes()).hexdigest()
    return CodeBundle(computed_version=version, tgz=str(path), destination=str(tmp_path / "out"))


def test_a_bundle_holds_templates_and_modules(tmp_path: Path) -> None:
    """Documents, and the files of the modules with those of their packages; no pickle."""
    made = write_code_bundle(tmp_path / "code.tgz", [template()], modules=["sandbox.options.rate"])
    again = write_code_bundle(tmp_path / "again.tgz", [template()], modules=["sandbox.options.rate"])

    assert made.files == (
        *("templates.json", "code/sandbox/__init__.py", "code/sandbox/options/__init__.py"),
        "code/sandbox/options/rate.py",
    )
    assert made.computed_version == again.computed_version


async def test_a_bundle_is_unpacked_once(tmp_path: Path) -> None:
    """Several processes of one container may ask at the same time."""
    made = write_code_bundle(tmp_path / "code.tgz", [template()])
    bundle = CodeBundle(
        computed_version=made.computed_version, tgz=f"file://{made.tgz}", destination=str(tmp_path / "out")
    )

    first, second = await asyncio.gather(download_code_bundle(bundle), download_code_bundle(bundle))
    (tmp_path / "code.tgz").unlink()
    third = await download_code_bundle(bundle)

    target = (tmp_path / "out" / made.computed_version).resolve()
    assert [one.downloaded_path for one in (bundle, first, second, third)] == [None, target, target, target]
    assert sorted(path.name for path in target.parent.iterdir()) == sorted(
        [f".{made.computed_version}.done", f".{made.computed_version}.lock", made.computed_version]
    )
    assert template_of_bundle(third, "total", allowed=[PRICE])._user_functions == {"price": shelf.price}


async def test_a_template_that_is_not_in_the_bundle_is_named(tmp_path: Path) -> None:
    """With those that are."""
    made = write_code_bundle(tmp_path / "code.tgz", [template("a"), template("b")])
    bundle = CodeBundle(computed_version=made.computed_version, tgz=made.tgz, destination=str(tmp_path))

    with pytest.raises(
        ValueError, match=r"^the bundle was not downloaded: await download_code_bundle\(bundle\) first$"
    ):
        template_of_bundle(bundle, "a")
    downloaded = await download_code_bundle(bundle)
    with pytest.raises(ValueError, match=r"^the bundle has no template 'c'; templates: a, b$"):
        template_of_bundle(downloaded, "c")


@pytest.mark.parametrize(
    ("files", "member"),
    [
        ({"../outside": b""}, {}),
        ({"/absolute": b""}, {}),
        ({"link": b""}, {"type": tarfile.SYMTYPE, "linkname": "/"}),
        ({"device": b""}, {"type": tarfile.CHRTYPE}),
        ({str(number): b"" for number in range(10_001)}, {}),
    ],
)
async def test_an_archive_with_something_else_is_refused(
    tmp_path: Path, files: dict[str, bytes], member: dict[str, Any]
) -> None:
    """Nothing is written outside its directory, and nothing of it stays."""
    bundle = archive(tmp_path, files, **member)
    with pytest.raises(
        ValueError, match=r"^the bundle holds more than 10,000 files or 268,435,456 bytes, or something"
    ):
        await download_code_bundle(bundle)

    assert not (tmp_path / "out" / bundle.computed_version).exists()
    assert not (tmp_path / "outside").exists()


async def test_what_is_another_bundle_than_it_says_is_refused(tmp_path: Path) -> None:
    """The version is the content's: who names a bundle gets that one."""
    made = write_code_bundle(tmp_path / "code.tgz", [template()])
    other = CodeBundle(computed_version="0" * 64, tgz=made.tgz, destination=str(tmp_path))
    upwards = CodeBundle(computed_version="../up", tgz=made.tgz, destination=str(tmp_path))

    with pytest.raises(ValueError, match=r"/code.tgz is another bundle than that of version 0000"):
        await download_code_bundle(other)
    with pytest.raises(ValueError, match=r"^a bundle's version is the SHA-256 of its archive, not '../up'"):
        await download_code_bundle(upwards)


@pytest.mark.skipif(FSSPEC, reason="the extra flyte is installed")
async def test_a_bundle_elsewhere_needs_the_extra(tmp_path: Path) -> None:
    """Which has what reads from there."""
    bundle = CodeBundle(computed_version="0" * 64, tgz="s3://bucket/code.tgz", destination=str(tmp_path))

    with pytest.raises(ImportError) as missing:
        await download_code_bundle(bundle)

    assert str(missing.value) == (
        "a bundle at s3:// needs the package of the module fsspec, which is not installed: pip install 'isthmus[flyte]'"
    )


@pytest.mark.skipif(not FSSPEC, reason="needs the extra flyte")
async def test_a_bundle_is_fetched_from_elsewhere(tmp_path: Path) -> None:
    """From wherever fsspec reads, and checked as a file is."""
    import fsspec

    made = write_code_bundle(tmp_path / "code.tgz", [template()])
    with fsspec.open("memory://bucket/code.tgz", "wb") as file:
        file.write((tmp_path / "code.tgz").read_bytes())
    bundle = CodeBundle(
        computed_version=made.computed_version, tgz="memory://bucket/code.tgz", destination=str(tmp_path / "out")
    )

    fetched = await download_code_bundle(bundle)

    assert template_of_bundle(fetched, "total", allowed=[PRICE]).name == "total"


async def test_templates_of_another_format_are_refused(tmp_path: Path) -> None:
    """A bundle of somebody else's is not guessed at."""
    bundle = await download_code_bundle(archive(tmp_path, {"templates.json": json.dumps({"format": "x"}).encode()}))

    with pytest.raises(
        ValueError, match=r"^the bundle's templates.json is not of the format isthmus-bundle/1, or larger"
    ):
        template_of_bundle(bundle, "total")


def test_a_pickled_bundle_is_refused() -> None:
    """Reading it would run it."""
    with pytest.raises(ValueError, match=r"^a CodeBundle has a tgz, which holds documents and files; a pkl is refused"):
        CodeBundle(computed_version="1", pkl="code.pkl")


def test_what_cannot_be_in_a_bundle_is_named(tmp_path: Path) -> None:
    """When it is written, not when it runs."""
    with pytest.raises(ValueError, match=r"^two templates of the bundle have the name 'total': rename one$"):
        write_code_bundle(tmp_path / "code.tgz", [template(), template()])
    with pytest.raises(ValueError, match=r"^there is no imported module '_struct' with a file of its own: import it"):
        write_code_bundle(tmp_path / "code.tgz", [template()], modules=["_struct"])

    assert list(tmp_path.iterdir()) == []
