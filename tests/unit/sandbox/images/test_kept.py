"""Guest images on disk: found by what is in them, and by what was asked for."""

import dataclasses
import fcntl
import os
from pathlib import Path

import pytest

from sandbox.errors import ImageBuilding, ImageNotBuilt
from sandbox.images import kept
from sandbox.images.kept import KeptImage, KnownImages
from sandbox.images.locking import Locked

SHIPPED = "sha256:" + "5" * 64
SIX = Locked(name="six", version="1.17.0", sha256="a" * 64, file="six-1.17.0-py2.py3-none-any.whl")
IMAGE = KeptImage(
    reference=kept.reference_of([SIX]),
    requirements=("six",),
    packages=(SIX,),
    modules=("six",),
    hidden={"six.exec_": "it is exec, which programs do not have"},
    left_out={},
    guest_digest="sha256:" + "9" * 64,
    shipped=SHIPPED,
    wasm_bytes=4,
    built_at=1_700_000_000,
    build_seconds=20.5,
)
REQUEST = kept.digest_of_request(["six"], SHIPPED)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ISTHMUS_CACHE_DIR", str(tmp_path))
    return tmp_path


def keep(image: KeptImage = IMAGE, *, content: bytes = b"wasm") -> None:
    with kept.only_one("test"):
        built = kept.new_folder()
        (built / "guest.wasm").write_bytes(content)
        kept.keep(image, built, REQUEST)


def test_an_image_that_is_kept_is_found_as_it_was() -> None:
    """By its reference, and by what was asked for, in whatever order."""
    keep()

    assert kept.find_image(IMAGE.reference, SHIPPED) == IMAGE
    assert kept.image_of_request(["six", "six"], SHIPPED) == IMAGE
    assert kept.image_for(("six",), SHIPPED) == IMAGE
    assert kept.all_images() == [IMAGE]
    assert IMAGE.guest().read_bytes() == b"wasm"


def test_the_reference_is_made_of_names_versions_and_digests() -> None:
    """One byte of one wheel makes another image; the order of the packages does not."""
    other = dataclasses.replace(SIX, name="other")

    assert kept.reference_of([SIX, other]) == kept.reference_of([other, SIX])
    assert kept.reference_of([dataclasses.replace(SIX, sha256="b" * 64)]) != IMAGE.reference


def test_another_guest_that_ships_needs_an_image_of_its_own() -> None:
    """A release changes the policy and the driver, which are part of each image."""
    keep()

    assert kept.find_image(IMAGE.reference, "sha256:" + "6" * 64) is None


def test_what_nobody_built_is_named_with_what_is_there() -> None:
    """Whoever asks learns how it is built, and what could be used instead."""
    with pytest.raises(ImageNotBuilt) as nothing:
        kept.image_for(("attrs",), SHIPPED)
    keep()
    with pytest.raises(ImageNotBuilt) as another:
        kept.needed_image("sha256:" + "0" * 64, SHIPPED)

    assert str(nothing.value) == (
        "the guest image with attrs is not built: ImageBuildEngine.build(image), or `isthmus image build`; "
        "no image was built yet: isthmus image build PACKAGE ..."
    )
    assert str(another.value) == (f"there is no guest image 'sha256:{'0' * 64}' here; images: {IMAGE.reference} (six)")


def test_what_somebody_builds_now_is_said_to_be_built() -> None:
    """It is another message than that nobody does: to wait helps."""
    with kept.only_one(kept.digest_of_request(["attrs"], SHIPPED)), pytest.raises(ImageBuilding) as raised:
        kept.image_for(("attrs",), SHIPPED)

    assert str(raised.value).startswith("the guest image with attrs is still being built; try again in half a minute;")


def test_what_a_build_left_that_was_cut_off_is_removed() -> None:
    """A service that is stopped does not wait for its build; folders of builds that go on stay."""
    with kept.only_one("test"):
        old, young = kept.new_folder(), kept.new_folder()
        (old / "guest.wasm").write_bytes(b"half")
        os.utime(old, (0, 0))

        new = kept.new_folder()

    assert sorted(kept.images_folder().glob("building-*")) == sorted([young, new])


def test_only_one_builds_at_a_time(folder: Path) -> None:
    """Builders wait for one another, in whatever process they are."""
    with kept.only_one("x"), (folder / "images" / "x.lock").open("r") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


def test_an_image_that_is_built_again_takes_the_place_of_the_first() -> None:
    """`force` leaves one image, and nothing beside it; whoever knew it reads it anew."""
    keep()
    known = KnownImages(SHIPPED)
    before = known.needed(IMAGE.reference)
    os.utime(before.folder() / "image.json", ns=(0, 0))
    again = dataclasses.replace(IMAGE, guest_digest="sha256:" + "8" * 64)
    keep(again, content=b"other")

    assert (before, known.needed(IMAGE.reference)) == (IMAGE, again)
    assert again.guest().read_bytes() == b"other"
    assert sorted(one.name for one in kept.images_folder().iterdir() if one.is_dir()) == sorted(
        [again.folder().name, "asked"]
    )


def test_an_image_that_was_removed_is_gone() -> None:
    """Also by what was asked for, so that it would be built again."""
    keep()

    assert kept.remove_images(IMAGE.reference) == [IMAGE]
    assert kept.all_images() == []
    assert kept.image_of_request(["six"], SHIPPED) is None
    assert kept.remove_images(IMAGE.reference) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"reference": 1}', "{" * 100])
def test_a_record_that_cannot_be_read_is_no_image(text: str) -> None:
    """A half-written file is not worth a traceback."""
    keep()
    (IMAGE.folder() / "image.json").write_text(text)

    assert kept.find_image(IMAGE.reference, SHIPPED) is None
    assert kept.all_images() == []
