"""`ImageBuildEngine` of `flyte.extend`: builds the guest images that templates name."""

import importlib.metadata
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

from sandbox.engines.cpython.image_builds import build_image, plan
from sandbox.options import Image

BUILDERS = "isthmus.image_builders"
"""The group of entry points that may build instead: each is called as `builder(image, force=...)`."""
LOCAL = "local"
_LOG = logging.getLogger("sandbox")


class ImageBuildEngine:
    """Builds guest images, each once: what is here is returned, and what others build is waited for."""

    @classmethod
    def build(
        cls,
        image: Image,
        builder: str | None = None,
        dry_run: bool = False,  # noqa: FBT001, FBT002 - Flyte's signature
        force: bool = False,  # noqa: FBT001, FBT002 - as above
        say: Callable[[str], None] = _LOG.info,
    ) -> str:
        """Build an image and return its reference, `sha256:...`; blocks, for about half a minute.

        Args:
            builder: `local`, which is the default, or the name of an entry point of the group `isthmus.image_builders`.
            dry_run: resolve the packages and check their wheels, and build nothing.
            force: resolve and build anew, whatever is here.
            say: is told of the progress, a line at a time; default: the log `sandbox`.

        Raises:
            TypeError: it is no `Image`.
            ValueError: there is no such builder, or the image has no packages: the guest that ships is built.
            ImageRefused: a package cannot be part of a guest image.
            ImageToolsMissing: the extra `images` is not installed.
        """
        given: object = image
        if not isinstance(given, Image):
            message = f"image must be an Image, not {given!r}"
            raise TypeError(message)
        if image.is_shipped():
            message = "the image has no packages, and the guest that ships is built already: with_pip_packages(...)"
            raise ValueError(message)
        if builder not in (None, LOCAL):
            return cls._build_elsewhere(str(builder), image, force=force)
        if not dry_run:
            return build_image(image.packages, force=force, say=say).reference
        with tempfile.TemporaryDirectory() as folder:
            return plan(image.packages, Path(folder), say).reference

    @staticmethod
    def _build_elsewhere(name: str, image: Image, *, force: bool) -> str:
        points = importlib.metadata.entry_points(group=BUILDERS)
        if name not in points.names:
            known = ", ".join([LOCAL, *sorted(points.names)])
            message = f"there is no image builder {name!r}; builders: {known}"
            raise ValueError(message)
        return str(points[name].load()(image, force=force))
