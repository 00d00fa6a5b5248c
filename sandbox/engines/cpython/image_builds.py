"""Builds guest images: packages resolved, their wheels checked, a component made with them inside and compiled, once.

No code of a package runs on the host. componentize-py imports the packages in a WebAssembly interpreter of its own,
which may read and write its stage, a folder made for it, and nothing else.
"""

import importlib.metadata
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.engines.cpython import artifact, build
from sandbox.engines.saying import say_nothing
from sandbox.errors import ImageRefused, ImageToolsMissing
from sandbox.images import kept
from sandbox.images.kept import KeptImage
from sandbox.images.locking import Locked, fetch
from sandbox.images.wheels import Contents, read_wheels, top_levels

EXTRA = "images"
_SHOWN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An image that could be built."""

    reference: str
    packages: tuple[Locked, ...]
    contents: Contents


def image_of(requirements: Sequence[str]) -> KeptImage:
    """Return what was built for requirements, beside the guest that ships.

    Raises:
        ImageBuilding, ImageNotBuilt: nothing was.
    """
    return kept.image_for(requirements, artifact.guest_digest())


def _check_tools() -> None:
    try:
        build.sources_digest()
    except importlib.metadata.PackageNotFoundError as error:
        raise ImageToolsMissing(
            f"guest images are built with {error.name}, which is not installed: pip install 'isthmus[{EXTRA}]'"
        ) from None


def build_image(
    requirements: Sequence[str], *, force: bool = False, say: Callable[[str], None] = say_nothing
) -> KeptImage:
    """Build an image, or return it when it is here; blocks, for about half a minute.

    Args:
        requirements: as pip takes them: a name, with versions if need be.
        force: resolve the requirements anew and build, whatever is here.
        say: is told of the progress, a line at a time.

    Raises:
        ImageRefused: a package cannot be part of it.
        ImageToolsMissing: a tool is not installed.
        ImageNotBuilt: there is no place to keep it.
    """
    shipped = artifact.guest_digest()
    request = kept.digest_of_request(requirements, shipped)
    found = None if force else kept.image_of_request(requirements, shipped)
    if found is not None:
        return found
    _check_tools()
    with kept.only_one(request):
        found = None if force else kept.image_of_request(requirements, shipped)
        return found or _build(requirements, request, force=force, say=say)


def plan(requirements: Sequence[str], folder: Path, say: Callable[[str], None] = say_nothing) -> Planned:
    """Resolve requirements, fetch their wheels into a folder, and check them.

    Raises:
        ImageRefused: a package cannot be part of an image.
        ImageToolsMissing: there is no pip.
    """
    say(f"resolving {', '.join(requirements)} ...")
    packages = fetch(requirements, folder)
    say(f"found {', '.join(f'{one.name} {one.version}' for one in packages)}")
    contents = read_wheels({one.name: folder / one.file for one in packages})
    return Planned(reference=kept.reference_of(packages), packages=tuple(packages), contents=contents)


def _build(requirements: Sequence[str], request: str, *, force: bool, say: Callable[[str], None]) -> KeptImage:
    with tempfile.TemporaryDirectory() as folder:
        planned = plan(requirements, Path(folder), say)
        with kept.only_one(planned.reference.removeprefix("sha256:")):
            found = None if force else kept.find_image(planned.reference, artifact.guest_digest())
            if found is not None:
                kept.point(request, found)
                return found
            return _make(requirements, request, planned, say)


def _make(requirements: Sequence[str], request: str, planned: Planned, say: Callable[[str], None]) -> KeptImage:
    say("building the guest component with the packages inside, about 15 s ...")
    started = time.monotonic()
    folder = kept.new_folder()
    try:
        guest = folder / "guest.wasm"
        told = _component(guest, planned)
        artifact.compiled_guest(say, guest=guest)
        image = KeptImage(
            reference=planned.reference,
            requirements=tuple(requirements),
            packages=planned.packages,
            modules=told["modules"],
            hidden=told["hidden"],
            left_out=told["left_out"],
            guest_digest=artifact.digest_of(guest),
            shipped=artifact.guest_digest(),
            wasm_bytes=guest.stat().st_size,
            built_at=round(time.time()),
            build_seconds=round(time.monotonic() - started, 1),
        )
        kept.keep(image, folder, request)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say(f"built {image.reference}, {image.wasm_bytes / 1e6:.1f} MB, in {image.build_seconds} s")
    return image


def _component(guest: Path, planned: Planned) -> dict[str, Any]:
    try:
        build.make(guest, add=lambda stage: lay_out(stage, planned.contents))
    except build.BuildFailed as error:
        raise _refusal(planned, str(error)) from None
    try:
        told = json.loads(guest.with_suffix(".json").read_bytes())
        names = [name for name in told["modules"] if type(name) is str and name in planned.contents.modules]
        hidden, left_out = ({str(name): str(why) for name, why in told[of].items()} for of in ("hidden", "left_out"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ImageRefused(_named(planned), "what the guest said of its packages cannot be read") from None
    guest.with_suffix(".json").unlink()
    return {"modules": tuple(names), "hidden": hidden, "left_out": left_out}


def lay_out(stage: Path, contents: Contents) -> None:
    """Put the packages beside the guest's sources; no name among them is one of those."""
    for name, content in contents.files.items():
        target = stage / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    data = {name: contents.files[name] for name in contents.data}
    (stage / "image_packages.py").write_text(f"MODULES = {contents.modules!r}\nFILES = {data!r}\n")


def _refusal(planned: Planned, output: str) -> ImageRefused:
    """Return why the guest could not be built: most often, because a package cannot be imported there."""
    lines = [line.strip() for line in output.splitlines() if "ImportError: cannot import '" in line]
    if not lines:
        return ImageRefused(_named(planned), f"componentize-py says: {output.strip()[-_SHOWN:]}")
    told = lines[-1].partition("ImportError: ")[2]
    return ImageRefused(_named(planned), f"the guest cannot import it: {told[:_SHOWN]}")


def _named(planned: Planned) -> str:
    return ", ".join(one.name for one in planned.packages) or ", ".join(top_levels(planned.contents.modules))
