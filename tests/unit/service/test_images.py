"""The images of a service: built one after another while it runs; a name says how far they are."""

import dataclasses
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from sandbox.errors import ImageRefused
from sandbox.images.kept import KeptImage
from sandbox.images.locking import Locked
from service.errors import ImageNotReady
from service.images import Images, no_images

SIX = Locked(name="six", version="1.17.0", sha256="a" * 64, file="six-1.17.0-py2.py3-none-any.whl")
IMAGE = KeptImage(
    reference="sha256:" + "1" * 64,
    requirements=("six",),
    packages=(SIX,),
    modules=("six", "six.moves"),
    hidden={},
    left_out={},
    guest_digest="sha256:" + "9" * 64,
    shipped="sha256:" + "5" * 64,
    wasm_bytes=4,
    built_at=1_700_000_000,
    build_seconds=20.5,
)


@pytest.fixture(autouse=True)
def _built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISTHMUS_CACHE_DIR", str(tmp_path))
    put()


def put() -> None:
    """Put the component where the image says that it lies."""
    IMAGE.folder().mkdir(parents=True, exist_ok=True)
    IMAGE.guest().write_bytes(b"wasm")


def remove() -> None:
    """Take it away."""
    IMAGE.guest().unlink()


class Builder:
    """Builds when it is told to."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.asked: list[Sequence[str]] = []
        self.said: list[str] = []

    def build(self, asked: Sequence[str]) -> KeptImage:
        self.go_on.wait(30)
        self.asked.append(asked)
        if "numpy" in asked:
            raise ImageRefused("numpy", "it has compiled parts")
        return dataclasses.replace(IMAGE, requirements=tuple(asked))

    def images(self, **named: Sequence[str]) -> Images:
        return Images(named, self.build, self.said.append)


def refusal(images: Images, name: str) -> tuple[str, int]:
    with pytest.raises(ImageNotReady) as raised:
        images.reference(name)
    return str(raised.value), raised.value.retry_after_seconds


async def test_an_image_is_not_ready_until_it_is_built() -> None:
    """Whoever asks too early learns which ones are ready, and when to ask again."""
    builder = Builder()
    images = builder.images(first=["six"], second=["numpy"])
    images.open()

    early = refusal(images, "first")
    builder.go_on.set()
    await images.all_built()

    assert early == (
        'the guest image "first" is still being built; send the request again later; images that are ready: none', 10,
    )  # fmt: skip
    assert images.reference("first") == IMAGE.reference
    assert refusal(images, "second") == (
        'the guest image "second" could not be built; images that are ready: first', 60,
    )  # fmt: skip
    assert builder.said == [
        'the guest image "first" is ready: six',
        'the guest image "second" could not be built: the package "numpy" cannot be part of a guest image: it has '
        "compiled parts",
    ]
    await images.close()


async def test_an_image_that_was_removed_is_built_again() -> None:
    """`isthmus image remove` while the service runs is no reason for runs that fail."""
    builder = Builder()
    builder.go_on.set()
    images = builder.images(first=["six"])
    images.open()
    await images.all_built()
    remove()

    gone = refusal(images, "first")
    put()
    await images.all_built()

    assert gone[0].startswith('the guest image "first" is still being built;')
    assert images.reference("first") == IMAGE.reference
    assert builder.asked == [("six",), ("six",)]


async def test_a_module_is_found_in_the_images_that_have_it() -> None:
    """For the hint of a program that imports it without naming one."""
    builder = Builder()
    builder.go_on.set()
    images = builder.images(b=["six"], a=["six"])
    images.open()
    await images.all_built()

    assert (images.with_module("six.moves"), images.with_module("numpy")) == (["a", "b"], [])


def test_a_name_that_nobody_listed_is_unknown() -> None:
    """With the names that are there, or the setting that lists them."""
    with pytest.raises(KeyError):
        no_images().reference("dates")

    assert no_images().advice() == "this service has none (ISTHMUS_IMAGES)"
    assert Builder().images(b=["six"], a=["six"]).advice() == "images: a, b"
