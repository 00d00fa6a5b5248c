"""Which guest image the programs of a template run on, and which one would have what a program could not import."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from sandbox.errors import ImageNotBuilt
from sandbox.images.kept import REFERENCE, all_images, choices, find_image, needed_image
from sandbox.options import Image
from sandbox.turns import ErrorReport

_PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}==[A-Za-z0-9.+!_-]{1,100}")
_NO_MODULE = re.compile(r'module "([\w.]+)" cannot be imported')


def reference_of(image: object) -> str | None:
    """Return the reference of an image, None for the guest that ships.

    Raises:
        TypeError: it is none.
        ValueError: it names none.
        ImageNotBuilt: it was not built here.
        ImageBuilding: not yet.
    """
    if image is None or image == "auto":
        return None
    if isinstance(image, Image):
        return None if image.is_shipped() else _built(image)
    if not isinstance(image, str):
        message = f"image must be 'auto', an Image, the reference of one, or None, not {image!r}"
        raise TypeError(message)
    # Only where it is needed: it loads what runs WebAssembly.
    from sandbox.engines.cpython.artifact import guest_digest

    if not REFERENCE.fullmatch(image):
        message = (
            f"image={image!r} is no guest image: pass 'auto', an Image, or what ImageBuildEngine.build() returned; "
            f"{choices(guest_digest())}"
        )
        raise ValueError(message)
    return needed_image(image, guest_digest()).reference


def described(image: object) -> dict[str, Any] | None:
    """Return what a document says of an image: its reference, and the packages of which it can be built again."""
    reference = reference_of(image)
    if reference is None:
        return None
    from sandbox.engines.cpython.artifact import guest_digest

    packages = needed_image(reference, guest_digest()).packages
    return {"reference": reference, "packages": [f"{one.name}=={one.version}" for one in packages]}


def image_here(told: object) -> str | None:
    """Return the reference of the image that a document describes.

    Raises:
        ValueError: it describes none.
        ImageNotBuilt: it is not here; the message has the command that builds it.
    """
    match told:
        case None:
            return None
        case {"reference": str(reference), "packages": [*packages]} if REFERENCE.fullmatch(reference):
            pinned = [one for one in packages if isinstance(one, str) and _PINNED.fullmatch(one)]
        case _:
            message = "image is none that a document describes"
            raise ValueError(message)
    from sandbox.engines.cpython.artifact import guest_digest

    if find_image(reference, guest_digest()) is None:
        # Not by itself: what a document names is fetched from an index when somebody says so.
        message = f"the guest image {reference} is not here: isthmus image build {' '.join(pinned)}"
        raise ImageNotBuilt(message)
    return reference


def naming_images(error: ErrorReport, hint_of: Callable[[str], str | None]) -> ErrorReport:
    """Return a refusal with a hint for each module that could not be imported, where there is one."""
    hints: dict[str, None] = {}
    violations = []
    for one in error.violations:
        found = _NO_MODULE.fullmatch(one.message)
        hint = hint_of(found[1]) if found is not None else None
        if hint is not None:
            hints[hint] = None
        violations.append(one if hint is None else dataclasses.replace(one, hint=hint))
    if not hints:
        return error
    told = " | ".join([*hints, *([error.hint] if error.hint else [])])
    return dataclasses.replace(error, hint=told, violations=tuple(violations))


def naming_built(error: ErrorReport) -> ErrorReport:
    """Return a refusal with the guest images that were built here and have what could not be imported."""
    if error.kind != "policy":
        return error
    from sandbox.engines.cpython.artifact import guest_digest

    def hint(module: str) -> str | None:
        held = [one for one in all_images() if one.shipped == guest_digest() and module in one.modules]
        return f'a guest image has it: pass image="{held[0].reference}"' if held else None

    return naming_images(error, hint)


def _built(image: Image) -> str:
    from sandbox.engines.cpython.image_builds import image_of

    return image_of(image.packages).reference
