"""The guest images that this user has built: a folder for each, named after what is in it.

    images/<digest>/image.json     what it is
    images/<digest>/guest.wasm     the component
    images/asked/<digest>.json     which image was built for which requirements

A reference, `sha256:...`, is the digest of the packages with those of their wheels. What lies here was built beside one
guest that ships (`shipped`, its digest): another release, or another build of it, needs its own build of each image.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from sandbox.errors import ImageBuilding, ImageNotBuilt
from sandbox.folders import CACHE_VARIABLE, cache_folders
from sandbox.images.locking import Locked

REFERENCE = re.compile(r"sha256:[0-9a-f]{64}")
_MOST_BYTES = 4_000_000
_BUILDING = "building-"
_STALE_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptImage:
    """A guest image that was built."""

    reference: str
    requirements: tuple[str, ...]
    """What was asked for."""
    packages: tuple[Locked, ...]
    """What it was resolved to."""
    modules: tuple[str, ...]
    """What programs may import."""
    hidden: dict[str, str]
    """Public names of those that programs cannot have -> why."""
    left_out: dict[str, str]
    """Modules that could not be imported -> why."""
    guest_digest: str
    """Of the component: two builds of one image differ in it."""
    shipped: str
    """Of the guest that ships, beside which it was built."""
    wasm_bytes: int
    built_at: int
    """Seconds since the epoch."""
    build_seconds: float

    def folder(self) -> Path:
        """Return where it lies."""
        return _folder_of(self.reference, self.shipped)

    def guest(self) -> Path:
        """Return the component."""
        return self.folder() / "guest.wasm"


def images_folder() -> Path:
    """Return the folder of all images.

    Raises:
        ImageNotBuilt: there is no place for it.
    """
    for folder in cache_folders():
        if os.access(folder, os.W_OK | os.X_OK) or (folder / "images").is_dir():
            return folder / "images"
    raise ImageNotBuilt(f"no directory to keep guest images in; set {CACHE_VARIABLE} to one of your own")


def digest_of_request(requirements: Sequence[str], shipped: str) -> str:
    """Return by which name an image is known that was built for requirements beside the guest that ships."""
    return hashlib.sha256(json.dumps([sorted(set(requirements)), shipped]).encode()).hexdigest()


def reference_of(packages: Sequence[Locked]) -> str:
    """Return the reference of an image."""
    parts = [[one.name, one.version, one.sha256] for one in packages]
    return "sha256:" + hashlib.sha256(json.dumps(sorted(parts)).encode()).hexdigest()


def _folder_of(reference: str, shipped: str) -> Path:
    return images_folder() / hashlib.sha256(f"{reference} {shipped}".encode()).hexdigest()


def find_image(reference: str, shipped: str) -> KeptImage | None:
    """Return an image, None when it is not here."""
    folder = _folder_of(reference, shipped)
    return _read(folder) if (folder / "guest.wasm").is_file() else None


def image_of_request(requirements: Sequence[str], shipped: str) -> KeptImage | None:
    """Return what was built for requirements, None when nothing was, or it is gone."""
    request = digest_of_request(requirements, shipped)
    try:
        known = json.loads((images_folder() / "asked" / f"{request}.json").read_bytes()[:_MOST_BYTES])
        return find_image(str(known["image"]), shipped)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def all_images() -> list[KeptImage]:
    """Return all images that are here, the newest first."""
    try:
        folders = [one for one in images_folder().iterdir() if (one / "guest.wasm").is_file()]
    except OSError:
        return []
    found = [image for folder in folders if (image := _read(folder)) is not None]
    return sorted(found, key=lambda one: (-one.built_at, one.reference))


def needed_image(reference: str, shipped: str) -> KeptImage:
    """Return an image that a program asks for.

    Raises:
        ImageNotBuilt: it is not here; the message names those that are.
    """
    image = find_image(reference, shipped)
    if image is None:
        raise ImageNotBuilt(f"there is no guest image {reference!r} here; {choices(shipped)}")
    return image


class KnownImages:
    """Images that were read before, so that a run costs no more than a look at the time of a file."""

    def __init__(self, shipped: str) -> None:
        self._shipped = shipped
        self._known: dict[str, tuple[int, KeptImage]] = {}

    def needed(self, reference: str) -> KeptImage:
        """Return an image that a program asks for; raises as `needed_image` does."""
        known = self._known.get(reference)
        if known is not None and _written_at(known[1].folder()) == known[0]:
            return known[1]
        image = needed_image(reference, self._shipped)
        self._known[reference] = _written_at(image.folder()), image
        return image


def _written_at(folder: Path) -> int:
    try:
        return (folder / "image.json").stat().st_mtime_ns
    except OSError:
        return 0


def choices(shipped: str) -> str:
    """Return which images there are, for whoever asked for another."""
    known = [f"{one.reference} ({', '.join(one.requirements)})" for one in all_images() if one.shipped == shipped]
    return f"images: {', '.join(known)}" if known else "no image was built yet: isthmus image build PACKAGE ..."


def image_for(requirements: Sequence[str], shipped: str) -> KeptImage:
    """Return what was built for requirements.

    Raises:
        ImageBuilding: somebody builds it now.
        ImageNotBuilt: nobody has.
    """
    request = digest_of_request(requirements, shipped)
    image = image_of_request(requirements, shipped)
    if image is not None:
        return image
    named = f"the guest image with {', '.join(requirements)}"
    if _is_held(images_folder() / f"{request}.lock"):
        raise ImageBuilding(f"{named} is still being built; try again in half a minute; {choices(shipped)}")
    raise ImageNotBuilt(
        f"{named} is not built: ImageBuildEngine.build(image), or `isthmus image build`; {choices(shipped)}"
    )


def new_folder() -> Path:
    """Return an empty folder to build in, and remove those of builds that were cut off a day ago or earlier."""
    for one in images_folder().glob(f"{_BUILDING}*"):
        with contextlib.suppress(OSError):  # somebody else removes it at the same time
            if time.time() - one.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(one, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=images_folder(), prefix=_BUILDING))


def keep(image: KeptImage, built: Path, request: str) -> None:
    """Put a folder that holds `guest.wasm` in its place, with word of what it is."""
    (built / "image.json").write_text(json.dumps(asdict(image)))
    target = image.folder()
    with contextlib.ExitStack() as stack:
        if target.exists():
            aside = target.with_name(f"{built.name}.old")
            target.rename(aside)
            stack.callback(shutil.rmtree, aside, ignore_errors=True)
        built.rename(target)
    point(request, image)


def point(request: str, image: KeptImage) -> None:
    """Note which image was built for a request."""
    asked = images_folder() / "asked"
    asked.mkdir(exist_ok=True)
    part = asked / f"{request}.{os.getpid()}.part"
    part.write_text(json.dumps({"image": image.reference, "requirements": image.requirements}))
    part.replace(asked / f"{request}.json")


def remove_images(reference: str) -> list[KeptImage]:
    """Forget all builds of an image, and return them; a program that runs on one goes on."""
    found = [one for one in all_images() if one.reference == reference]
    for one in found:
        shutil.rmtree(one.folder())
    return found


@contextlib.contextmanager
def only_one(name: str) -> Iterator[None]:
    """Let one process of this machine do what the name says, while the others wait."""
    folder = images_folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _read(folder: Path) -> KeptImage | None:
    try:
        found: dict[str, Any] = json.loads((folder / "image.json").read_bytes()[:_MOST_BYTES])
        found["packages"] = tuple(Locked(**one) for one in found["packages"])
        for name in ("requirements", "modules"):
            found[name] = tuple(found[name])
        return KeptImage(**{one.name: found[one.name] for one in fields(KeptImage)})
    except (OSError, ValueError, KeyError, TypeError):
        return None
