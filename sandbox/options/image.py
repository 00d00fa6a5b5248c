"""Guest images: which build of the guest a source runs in."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn

from sandbox.advice import advising

_PACKAGE = re.compile(
    r"[A-Za-z0-9](?:[\w.-]{0,100}[A-Za-z0-9])?(?:\[[\w, -]{0,100}\])?(?:\s*(?:[=<>!~]=?=?)\s*[\w.*+!-]+,?)*"
)
_NO_CONTAINER = "a guest image is a build of the guest, not a container: begin with Image.from_guest_base()"
_PACKAGES_ONLY = "a guest image is the guest with packages of pure Python, and nothing else: with_pip_packages(...)"
_NAMED_ONE_BY_ONE = "name the packages one by one, with their versions: with_pip_packages('python-dateutil==2.9')"
_OF_A_RUN = "environment variables are given with the template: env_vars={...}"


class _Refused:
    """A verb of Flyte's images that means nothing here."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, _image: object, _owner: type) -> Callable[..., NoReturn]:
        def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
            message = f"Image.{self._name}: {self._reason}"
            raise NotImplementedError(message)

        return refuse


@advising
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

    def with_pip_packages(self, *packages: str, **options: Any) -> "Image":
        """Return the image with more pure-Python packages, from the index that pip is configured for.

        Raises:
            TypeError: a requirement is no text, or an option of Flyte's is given: pip's own configuration has those.
            ValueError: it is none, or names a place instead of a package.
        """
        if options:
            message = f"with_pip_packages() takes no {', '.join(options)}: configure pip (PIP_INDEX_URL, pip.conf)"
            raise TypeError(message)
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

    # What Flyte's images can besides; each raises NotImplementedError.
    from_base = _Refused(_NO_CONTAINER)
    from_debian_base = _Refused(_NO_CONTAINER)
    from_dockerfile = _Refused(_NO_CONTAINER)
    from_pixi_script = _Refused(_NO_CONTAINER)
    from_ref_name = _Refused(_NO_CONTAINER)
    from_uv_script = _Refused(_NO_CONTAINER)
    clone = _Refused(_NO_CONTAINER)
    with_apt_packages = _Refused(_PACKAGES_ONLY)
    with_code_bundle = _Refused(_PACKAGES_ONLY)
    with_commands = _Refused(_PACKAGES_ONLY)
    with_dockerignore = _Refused(_PACKAGES_ONLY)
    with_env_vars = _Refused(_OF_A_RUN)
    with_local_rs_controller = _Refused(_PACKAGES_ONLY)
    with_local_v2 = _Refused(_PACKAGES_ONLY)
    with_local_v2_plugins = _Refused(_PACKAGES_ONLY)
    with_pixi_project = _Refused(_NAMED_ONE_BY_ONE)
    with_poetry_project = _Refused(_NAMED_ONE_BY_ONE)
    with_requirements = _Refused(_NAMED_ONE_BY_ONE)
    with_source_file = _Refused(_PACKAGES_ONLY)
    with_source_folder = _Refused(_PACKAGES_ONLY)
    with_uv_project = _Refused(_NAMED_ONE_BY_ONE)
    with_workdir = _Refused(_PACKAGES_ONLY)
