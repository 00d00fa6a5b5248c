"""Wheels are read as data, and what cannot be in a guest is refused by the name of its package."""

import zipfile
from pathlib import Path

import pytest

from sandbox.errors import ImageRefused
from sandbox.images.wheels import read_wheels, top_levels
from tests.packaging import make_wheel

ALONE = {"ok.py": "x = 1"}


def refusal(folder: Path, files: dict[str, str | bytes], name: str = "odd") -> str:
    with pytest.raises(ImageRefused) as raised:
        read_wheels({name: make_wheel(folder, name, files)})
    assert raised.value.package == name
    return raised.value.reason


def test_modules_and_files_of_a_wheel_are_told_apart(tmp_path: Path) -> None:
    """Modules are imported, files are read, and what no guest needs is left out."""
    wheel = make_wheel(
        tmp_path,
        "two-kinds",
        {
            "two/__init__.py": "",
            "two/inner/deep.py": "",
            "two/rates.csv": "a,b",
            "two/stub.pyi": "x: int",
            "two/py.typed": "",
            "two/__main__.py": "",
            "alone.py": "",
            "paths.pth": "import os",
            "two_kinds-1.0.data/purelib/moved.py": "",
            "two_kinds-1.0.data/scripts/run": "#!python",
        },
    )

    contents = read_wheels({"two-kinds": wheel})

    assert contents.modules == ("alone", "moved", "two", "two.inner", "two.inner.deep")
    assert contents.data == ("two/rates.csv",)
    assert sorted(contents.files) == [
        "alone.py",
        "moved.py",
        "two/__init__.py",
        "two/__main__.py",
        "two/inner/deep.py",
        "two/rates.csv",
        "two_kinds-1.0.dist-info/METADATA",
    ]
    assert top_levels(contents.modules) == ("alone", "moved", "two")


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (
            "odd/fast.cpython-314-x86_64-linux-gnu.so",
            "it has compiled parts ({}), and only pure Python runs in the guest",
        ),
        ("odd/fast.pyd", "it has compiled parts ({}), and only pure Python runs in the guest"),
        ("odd.libs/libfast.so.1", "it has compiled parts ({}), and only pure Python runs in the guest"),
        ("odd/componentize-py.toml", "{} would change what the guest imports from its host"),
        ("../../etc/cron.d/odd.py", "its wheel names a file outside of its folder: '{}'"),
        ("/etc/odd.py", "its wheel names a file outside of its folder: '{}'"),
        ("odd-1.0.data/platlib/odd.py", "its wheel has a part for one platform (platlib)"),
    ],
)
def test_what_cannot_be_in_a_guest_is_named(tmp_path: Path, file: str, reason: str) -> None:
    """Compiled code does not run there, and a path that leaves its folder is an attack on the host."""
    assert refusal(tmp_path, {"odd/__init__.py": "", file: b""}) == reason.format(file)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("json/__init__.py", 'its module "json" would take the place of one of the standard library'),
        ("annotationlib.py", 'its module "annotationlib" would take the place of one of the standard library'),
        ("sandbox/policy.py", 'its module "sandbox" would take the place of one of the guest'),
        ("RestrictedPython/__init__.py", 'its module "RestrictedPython" would take the place of one of the guest'),
        ("_pylong.py", 'its module "_pylong" would take the place of one of the standard library'),
        ("image_packages.py", 'its module "image_packages" would take the place of one of the guest'),
    ],
)
def test_a_module_that_shadows_another_is_refused(tmp_path: Path, file: str, reason: str) -> None:
    """The guest's driver imports those modules; a package in their place would be the driver."""
    assert refusal(tmp_path, {**ALONE, file: "x = 1"}) == reason


@pytest.mark.parametrize(
    "file",
    [
        "sandbox/engines/cpython/guest/sandbox.wit",
        "./sandbox/engines/cpython/guest/sandbox.wit",
        "odd-1.0.data/purelib/sandbox/__main__.py",
        "RestrictedPython/not-a-name.py",
        "image_report.json",
        "entry.txt",
    ],
)
def test_no_file_lies_among_those_of_the_guest(tmp_path: Path, file: str) -> None:
    """Also what is no module: the guest is built by what `sandbox.wit` says that it imports from its host."""
    path = Path(file.removeprefix("odd-1.0.data/purelib/")).as_posix()

    assert refusal(tmp_path, {**ALONE, file: "x"}) == f"its file {path} would lie among those of the guest"


@pytest.mark.parametrize(
    "file", ["json.pyc", "start.pth", "odd-1.0.data/purelib/json.pyc", "odd-1.0.data/purelib/a.pth"]
)
def test_compiled_code_is_left_out_wherever_it_lies(tmp_path: Path, file: str) -> None:
    """Without a source beside it, it would be a module, of whatever name."""
    contents = read_wheels({"odd": make_wheel(tmp_path, "odd", {**ALONE, file: b"x"})})

    assert [name for name in contents.files if "dist-info" not in name] == ["ok.py"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"odd": "", "odd/in.py": ""}, "odd is a file and a folder"),
        ({"a" * 300 + ".py": ""}, f"its wheel has a file whose name is too long: '{'a' * 100}'"),
        ({"./ok.py": ""}, "it brings ok.py, and so does odd"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    """By the name of its package, not by an error of the file system."""
    assert refusal(tmp_path, {**ALONE, **files}) == reason


@pytest.mark.parametrize(("packed", "place"), [(zipfile.ZIP_DEFLATED, 40), (zipfile.ZIP_LZMA, 60)])
def test_a_damaged_archive_is_refused(tmp_path: Path, packed: int, place: int) -> None:
    """Whatever the library that unpacks it says."""
    path = tmp_path / "odd-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", packed) as archive:
        archive.writestr("odd.py", bytes(range(256)) * 20)
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)

    with pytest.raises(ImageRefused, match=r"its wheel is no proper archive: "):
        read_wheels({"odd": path})


def test_two_packages_with_one_file_are_refused(tmp_path: Path) -> None:
    """Which of the two would be there depends on an order that nobody sees."""
    wheels = {name: make_wheel(tmp_path, name, ALONE) for name in ("first", "second")}

    with pytest.raises(ImageRefused, match=r"it brings ok.py, and so does first$"):
        read_wheels(wheels)


def test_files_that_take_too_much_memory_are_refused(tmp_path: Path) -> None:
    """They lie in the memory of every isolate; so small an archive can hold them."""
    reason = refusal(tmp_path, {**ALONE, "odd/large.bin": bytes(17 * 2**20), "odd/small.bin": b"1"})

    assert reason == "the files that it reads take more than 16 MiB, odd/large.bin the most of them"


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """A few kilobytes of zip can be gigabytes of zeros; reading stops at the bound."""
    reason = refusal(tmp_path, {**ALONE, "odd/a.bin": bytes(60 * 2**20), "odd/b.bin": bytes(60 * 2**20)})

    assert reason == "the packages take more than 100 MiB, unpacked"


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    """An index may answer with anything."""
    (tmp_path / "odd-1.0-py3-none-any.whl").write_bytes(b"no zip")

    with pytest.raises(ImageRefused, match=r"its wheel is no proper archive: BadZipFile$"):
        read_wheels({"odd": tmp_path / "odd-1.0-py3-none-any.whl"})
