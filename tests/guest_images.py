"""The guest images of the tests, each built once and kept in the cache directory: two are all that a run builds."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.engine import Engine
from sandbox.engines.cpython.image_builds import build_image
from sandbox.engines.table import make_engine
from sandbox.images.kept import KeptImage
from sandbox.turns import Program
from tests.packaging import look_only_into, make_wheel

PACKAGES = ("python-dateutil", "more-itertools")
LEAKY = Path(__file__).parent / "hostile" / "leaky"


@pytest.fixture(scope="session")
def dates() -> KeptImage:
    """An image with two packages that people use."""
    return build_image(PACKAGES)


@pytest.fixture(scope="session")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> KeptImage:
    """An image with a package that hands out whatever it has, and tries what it can while it is imported."""
    folder = tmp_path_factory.mktemp("index")
    version = leaky_wheel(folder).name.split("-")[1]
    with pytest.MonkeyPatch.context() as environment:
        look_only_into(folder, environment)
        environment.setenv("ISTHMUS_SECRET_OF_TEST", "s3cret")
        return build_image([f"isthmus-leaky=={version}"])


def leaky_wheel(folder: Path) -> Path:
    """Write the wheel of that package; its version says what is in it, so that its image is built once for each."""
    files = {f"leaky/{path.name}": path.read_text() for path in LEAKY.glob("*.py")}
    files["leaky/__init__.py"] = files.pop("leaky/contents.py")
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).digest()
    return make_wheel(folder, "isthmus-leaky", files, version=f"1.{int.from_bytes(digest[:4])}")


@pytest.fixture
async def with_images() -> AsyncIterator[Engine]:
    """The engine that runs programs of images, opened."""
    opened = make_engine("cpython", workers=1)
    await opened.open()
    yield opened
    await opened.close()


def program(source: str, image: KeptImage) -> Program:
    """Return a program that runs on an image."""
    return Program(source=source, image=image.reference)
