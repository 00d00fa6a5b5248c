"""`isthmus image build|list|remove`: the guest images of this user, in the cache directory."""

import argparse
import json
import sys
from datetime import UTC, datetime

from api.cli.terminal import say
from sandbox.engines.cpython.artifact import guest_digest
from sandbox.extend import ImageBuildEngine
from sandbox.images.kept import KeptImage, all_images, remove_images
from sandbox.options import Image
from service.operator_errors import ImageUnknown

_SHOWN_DIGITS = 19


def add_image_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `isthmus image` takes."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="build | list | remove")
    build = verbs.add_parser("build", help="build an image with packages", description="Build a guest image.")
    build.add_argument("packages", nargs="+", metavar="PACKAGE", help="as pip takes it, as in python-dateutil==2.9.0")
    build.add_argument("--force", action="store_true", help="resolve and build anew, whatever is here")
    build.add_argument("--dry-run", action="store_true", help="resolve and check the packages, and build nothing")
    listing = verbs.add_parser("list", help="list the images that are here", description="List guest images.")
    listing.add_argument("--json", action="store_true", help="print all that is known of them, as JSON")
    remove = verbs.add_parser("remove", help="forget images", description="Forget guest images.")
    remove.add_argument("references", nargs="+", metavar="REFERENCE", help="sha256:..., or its first digits")


def obey_image(options: argparse.Namespace) -> int:
    """Do what was asked for."""
    if options.verb == "build":
        return _build(options)
    if options.verb == "list":
        sys.stdout.write(_as_json() if options.json else _as_lines())
        return 0
    for given in options.references:
        for image in remove_images(_whole(given)):
            say(f"removed {image.reference} ({', '.join(image.requirements)})")
    return 0


def _build(options: argparse.Namespace) -> int:
    try:
        image = Image.from_guest_base().with_pip_packages(*options.packages)
    except ValueError as error:
        raise ImageUnknown(str(error)) from None
    reference = ImageBuildEngine.build(image, dry_run=options.dry_run, force=options.force, say=say)
    sys.stdout.write(f"{reference}\n")
    return 0


def _whole(given: str) -> str:
    """Return the reference that begins so.

    Raises:
        ImageUnknown: none does, or several do.
    """
    digits = given.removeprefix("sha256:")
    known = sorted({one.reference for one in all_images()})
    found = [one for one in known if digits and one.removeprefix("sha256:").startswith(digits)]
    if len(found) != 1:
        count = "no image begins" if not found else f"{len(found)} images begin"
        raise ImageUnknown(f'{count} with "{given[:100]}"; images: {", ".join(known) or "none"}')
    return found[0]


def _as_json() -> str:
    return json.dumps([_document(one) for one in all_images()], indent=2) + "\n"


def _document(image: KeptImage) -> dict[str, object]:
    return {
        "reference": image.reference,
        "requirements": image.requirements,
        "packages": [{"name": one.name, "version": one.version, "sha256": one.sha256} for one in image.packages],
        "modules": image.modules,
        "hidden": image.hidden,
        "left_out": image.left_out,
        "bytes": image.wasm_bytes,
        "built_at": datetime.fromtimestamp(image.built_at, UTC).isoformat(),
        "usable": image.shipped == guest_digest(),
    }


def _as_lines() -> str:
    """Return a line for each image, and one for each name of it that programs cannot have."""
    lines = []
    for one in all_images():
        packages = ", ".join(f"{package.name} {package.version}" for package in one.packages)
        usable = "" if one.shipped == guest_digest() else ", built beside another guest: build it again"
        lines.append(f"{one.reference[:_SHOWN_DIGITS]}  {one.wasm_bytes / 1e6:.1f} MB  {packages}{usable}")
    return "".join(f"{line}\n" for line in lines) or "no images; isthmus image build PACKAGE ...\n"
