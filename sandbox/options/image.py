"""Guest images: which build of the guest a source runs in."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

_PACKAGE = re.compile(
    r"[A-Za-z0-9](?:[\w.-]{0,100}[A-Za-z0-9])?(?:\[[\w, -]{0,100}\])?(?:\s*(?:[=<>!~]=?=?)\s*[\w.*+!-]+,?)*"
)
_NO_CONTAINER = "a guest image is a build of the guest, not a container: begin with Image.from_guest_base()"


@dataclass(frozen=True)
class Image:
    """The guest that ships, with packages on top: `Image.from_guest_base().with_pip_packages("python-dateutil")`.

    Raises:
        TypeError: it was made directly.
    """

    packages: tuple[str, ...]
    _token: Any

    _made_here: ClassVar[object] = object()

    def __post_init__(self) -> None:
        if self._token is not Image._made_here:
            message = "an Image is made by Image.from_guest_base(), not directly"
            raise TypeError(message)

    @classmethod
    def from_guest_base(cls) -> "Image":
        """Return the guest that ships."""
        return cls((), cls._made_here)

    @classmethod
    def from_debian_base(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: there are no containers here.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(_NO_CONTAINER)

    @classmethod
    def from_base(cls, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: there are no containers here.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(_NO_CONTAINER)

    def with_pip_packages(self, *packages: str) -> "Image":
        """Return the image with more pure-Python packages.

        Raises:
            TypeError: a requirement is no text.
            ValueError: it is none, or names a place instead of a package.
        """
        for package in packages:
            requirement: object = package
            if not isinstance(requirement, str):
                message = f"a package must be a text, not {requirement!r}"
                raise TypeError(message)
            if not _PACKAGE.fullmatch(requirement):
                message = f"a package must be a name, with a version if need be, as in 'attrs==25.1', not {package!r}"
                raise ValueError(message)
        return Image((*self.packages, *packages), self._made_here)

    def is_shipped(self) -> bool:
        """Return whether it is the guest that ships, as it is."""
        return not self.packages
