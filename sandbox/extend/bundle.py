"""Code bundles: templates and the modules of their functions in one archive, unpacked and run elsewhere.

`templates.json` holds documents (`sandbox/templates/documents.py`), `code/` the modules' files. Nothing is pickled and
nothing runs while a bundle is read. Whose code may be imported from it says whoever loads a template of it.
"""

import asyncio
import fcntl
import gzip
import hashlib
import io
import json
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from sandbox.extend.extra import needed
from sandbox.templates.code import CodeTaskTemplate
from sandbox.templates.documents import document_of
from sandbox.templates.reading import MAX_BYTES, template_of

TEMPLATES, CODE = "templates.json", "code"
MAX_ARCHIVE_BYTES, MAX_UNPACKED_BYTES, MAX_MEMBERS = 64 * 2**20, 256 * 2**20, 10_000
_FORMAT = "isthmus-bundle/1"


@dataclass(frozen=True, kw_only=True)
class CodeBundle:
    """A bundle, by where it is and what it holds. Flyte's fields.

    Raises:
        ValueError: it has no archive, or one that is pickled.
    """

    computed_version: str
    """The SHA-256 of the archive, in hexadecimal."""
    destination: str = "."
    """The directory in which it is unpacked, below a directory with the name of its version."""
    tgz: str | None = None
    """A path, `file://...`, or with the extra `flyte` an address of any kind that fsspec knows, such as `s3://...`."""
    pkl: str | None = None
    """Refused: loading what was pickled runs it."""
    downloaded_path: Path | None = None
    """Where it was unpacked; None until it was."""
    files: tuple[str, ...] | None = None
    """What is in it."""

    def __post_init__(self) -> None:
        if self.pkl is not None or self.tgz is None:
            message = "a CodeBundle has a tgz, which holds documents and files; a pkl is refused: reading it runs it"
            raise ValueError(message)


def write_code_bundle(path: str | Path, templates: Iterable[Any], *, modules: Iterable[str] = ()) -> CodeBundle:
    """Write templates, and the files of imported modules, into an archive; equal contents give equal archives.

    Args:
        path: where, by convention with the ending `.tgz`.
        templates: sandboxed ones, each of another name; their functions are named by import path.
        modules: names of imported modules that go along, with the packages that they are in; the rest must be installed
            where the bundle runs.

    Raises:
        ValueError: two templates have one name, a document cannot carry one, or a module has no file of its own.
    """
    documents: dict[str, Any] = {}
    for template in templates:
        if template.name in documents:
            message = f"two templates of the bundle have the name {template.name!r}: rename one"
            raise ValueError(message)
        documents[template.name] = document_of(template)
    listed = {"format": _FORMAT, "templates": documents}
    files = {TEMPLATES: json.dumps(listed, ensure_ascii=False).encode()}
    for module in modules:
        files.update(_files_of(module))
    archive = _archive(files)
    Path(path).write_bytes(archive)
    return CodeBundle(computed_version=hashlib.sha256(archive).hexdigest(), tgz=str(path), files=tuple(files))


async def download_code_bundle(code_bundle: CodeBundle) -> CodeBundle:
    """Return the bundle with `downloaded_path`: unpacked once, however many processes ask for it.

    Raises:
        ImportError: its address needs the extra `flyte`, or a package that fsspec names.
        ValueError: nobody knows such an address, it has another version than it says, or it holds what no bundle holds.
        OSError: it is not there, or cannot be unpacked where it should be.
    """
    return await asyncio.to_thread(_downloaded, code_bundle)


def template_of_bundle(bundle: CodeBundle, name: str, *, allowed: Collection[str] = ()) -> CodeTaskTemplate:
    """Return a template of a bundle that was downloaded; its modules are found on the import path from then on.

    Args:
        allowed: import paths of functions, `module:name`, that may be imported for it.

    Raises:
        ValueError: there is no template of that name, or its document is refused (`template_of_text`).
    """
    if bundle.downloaded_path is None:
        message = "the bundle was not downloaded: await download_code_bundle(bundle) first"
        raise ValueError(message)
    path = bundle.downloaded_path / TEMPLATES
    listed = json.loads(path.read_bytes()) if path.stat().st_size <= MAX_BYTES else None
    if not isinstance(listed, dict) or listed.get("format") != _FORMAT or not isinstance(listed.get("templates"), dict):
        message = f"the bundle's {TEMPLATES} is not of the format {_FORMAT}, or larger than {MAX_BYTES:,} bytes"
        raise ValueError(message)
    if name not in listed["templates"]:
        message = f"the bundle has no template {name!r}; templates: {', '.join(listed['templates']) or 'none'}"
        raise ValueError(message)
    code = str(bundle.downloaded_path / CODE)
    if code not in sys.path:
        # Appended, never put first: a module of a bundle must not stand in for an installed one.
        sys.path.append(code)
    return template_of(listed["templates"][name], allowed=allowed)


def _files_of(module: str) -> dict[str, bytes]:
    """Return the file of an imported module, and those of its packages, by their places in a bundle."""
    parts, found = module.split("."), {}
    for length in range(1, len(parts) + 1):
        name = ".".join(parts[:length])
        file = getattr(sys.modules.get(name), "__file__", None)
        if file is None and length < len(parts) and name in sys.modules:
            continue  # a namespace package has no file
        if file is None or not str(file).endswith(".py"):
            message = (
                f"there is no imported module {name!r} with a file of its own: import it first, or install it there"
            )
            raise ValueError(message)
        place = "/".join(parts[:length]) + ("/__init__.py" if Path(file).name == "__init__.py" else ".py")
        found[f"{CODE}/{place}"] = Path(file).read_bytes()
    return found


def _archive(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(files[name]), 0o644
            tar.addfile(member, io.BytesIO(files[name]))
    return gzip.compress(raw.getvalue(), mtime=0)


def _downloaded(bundle: CodeBundle) -> CodeBundle:
    version = bundle.computed_version
    if not version.isalnum():
        message = f"a bundle's version is the SHA-256 of its archive, not {version!r}"
        raise ValueError(message)
    directory = Path(bundle.destination)
    directory.mkdir(parents=True, exist_ok=True)
    target, done = directory / version, directory / f".{version}.done"
    with (directory / f".{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(target, ignore_errors=True)
            _unpack(_checked(bundle), target)
            done.touch()
    return replace(bundle, downloaded_path=target.resolve())


def _checked(bundle: CodeBundle) -> bytes:
    address = bundle.tgz or ""
    with _opened(address) as file:
        archive: bytes = file.read(MAX_ARCHIVE_BYTES + 1)
    if len(archive) > MAX_ARCHIVE_BYTES:
        message = f"a bundle has at most {MAX_ARCHIVE_BYTES:,} bytes, {address} has more: leave modules out"
        raise ValueError(message)
    if hashlib.sha256(archive).hexdigest() != bundle.computed_version:
        message = f"{address} is another bundle than that of version {bundle.computed_version}: write it again"
        raise ValueError(message)
    return archive


def _opened(address: str) -> Any:
    """Return the archive, opened; other places than files are those that fsspec knows, which comes with the extra."""
    parts = urlsplit(address)
    if parts.scheme in ("", "file"):
        return Path(unquote(parts.path) if parts.scheme else address).open("rb")
    return needed("fsspec", by=f"a bundle at {parts.scheme}://").open(address, "rb")


def _unpack(archive: bytes, target: Path) -> None:
    """Unpack into a directory beside, which gets its name at the end: nobody finds half of a bundle."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as aside:
        with gzip.open(io.BytesIO(archive)) as packed:
            raw = packed.read(MAX_UNPACKED_BYTES + 1)
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as tar:
            for number, member in enumerate(tar):
                if number >= MAX_MEMBERS or len(raw) > MAX_UNPACKED_BYTES or not _is_plain(member):
                    message = f"the bundle holds more than {MAX_MEMBERS:,} files or {MAX_UNPACKED_BYTES:,} bytes, or "
                    raise ValueError(message + "something else than files below its own directory")
                content = tar.extractfile(member)
                place = Path(aside) / "bundle" / member.name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(b"" if content is None else content.read())
        (Path(aside) / "bundle").rename(target)


def _is_plain(member: tarfile.TarInfo) -> bool:
    path = PurePosixPath(member.name)
    return member.isreg() and not path.is_absolute() and ".." not in path.parts
