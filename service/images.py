"""The guest images that callers may name: those that the operator lists, built while the service runs.

A submission says a name; what is in it, and when it changes, is the operator's to say.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sandbox.errors import SandboxError
from sandbox.images.kept import KeptImage
from sandbox.images.wheels import top_levels
from service.errors import ImageNotReady, listing

Status = Literal["building", "ready", "failed"]
_WAIT_SECONDS = 10
_FAILED_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedImage:
    """An image as callers know it."""

    name: str
    asked: tuple[str, ...]
    """Requirements, or the reference of an image that is there."""
    status: Status = "building"
    image: KeptImage | None = None


Build = Callable[[Sequence[str]], KeptImage]


class Images:
    """The images of a service, by name; belongs to one event loop.

    Args:
        named: name -> requirements, or the reference of an image that was built before.
        build: gives an image; blocks, on a thread.
        say: is told of the progress, a line at a time.
    """

    def __init__(self, named: Mapping[str, Sequence[str]], build: Build, say: Callable[[str], None]) -> None:
        self._named = {name: NamedImage(name=name, asked=tuple(asked)) for name, asked in named.items()}
        self._build = build
        self._say = say
        self._building: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to build what is not there, one after another; programs that name the others run meanwhile."""
        if self._named and (self._building is None or self._building.done()):
            self._building = asyncio.get_running_loop().create_task(self._build_all())

    async def all_built(self) -> None:
        """Return once nothing is being built."""
        if self._building is not None:
            await self._building

    async def close(self) -> None:
        """Build no more; what is being built is left to end by itself."""
        if self._building is not None:
            self._building.cancel()
            await asyncio.gather(self._building, return_exceptions=True)

    def all(self) -> list[NamedImage]:
        """Return what callers may name, and how far each is, in the operator's order."""
        return [*self._named.values()]

    def advice(self) -> str:
        """Return which names there are, for whoever used another."""
        return f"images: {listing(self._named)}" if self._named else "this service has none (ISTHMUS_IMAGES)"

    def reference(self, name: str) -> str:
        """Return the reference of an image.

        Raises:
            KeyError: there is no image of that name.
            ImageNotReady: it is being built, or could not be.
        """
        found = self._named[name]
        if found.image is not None:
            if found.image.guest().is_file():
                return found.image.reference
            # Somebody removed it meanwhile.
            self._named[name] = NamedImage(name=name, asked=found.asked)
            self.open()
        others = [one.name for one in self._named.values() if one.status == "ready"]
        ready = f"images that are ready: {listing(others)}"
        if found.status == "failed":
            # The reason is for the log: pip's words may name hosts and paths.
            raise ImageNotReady(name, f"could not be built; {ready}", _FAILED_SECONDS)
        raise ImageNotReady(name, f"is still being built; send the request again later; {ready}", _WAIT_SECONDS)

    def packages(self, name: str) -> list[str]:
        """Return what programs of an image begin an import with; raises as `reference` does."""
        self.reference(name)
        image = self._named[name].image
        return [] if image is None else [*top_levels(image.modules)]

    def with_module(self, module: str) -> list[str]:
        """Return the names of the images with which a module can be imported."""
        held = [(one.name, one.image) for one in self._named.values()]
        return sorted(name for name, image in held if image is not None and module in image.modules)

    async def _build_all(self) -> None:
        for name in [one.name for one in self._named.values() if one.status == "building"]:
            self._named[name] = await asyncio.to_thread(self._built, self._named[name])

    def _built(self, wanted: NamedImage) -> NamedImage:
        try:
            image = self._build(wanted.asked)
        except (SandboxError, OSError) as error:
            reason = str(error) if isinstance(error, SandboxError) else type(error).__name__
            self._say(f'the guest image "{wanted.name}" could not be built: {reason}')
            return NamedImage(name=wanted.name, asked=wanted.asked, status="failed")
        self._say(f'the guest image "{wanted.name}" is ready: {_shown(image.requirements)}')
        return NamedImage(name=wanted.name, asked=wanted.asked, status="ready", image=image)


def no_images() -> Images:
    """Return the images of a service that has none."""

    def build(_asked: Sequence[str]) -> KeptImage:
        raise NotImplementedError

    return Images({}, build, lambda _line: None)


def _shown(requirements: Iterable[str]) -> str:
    return ", ".join(requirements)
