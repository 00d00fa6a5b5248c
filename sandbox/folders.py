"""Where files of this user's are kept between processes: directories that nobody else can write to."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "ISTHMUS_CACHE_DIR"


def cache_folders() -> Iterator[Path]:
    """Yield where such a file may lie: the user's cache directory, else one that lives as long as the machine.

    Not each of them can be written to.
    """
    for find in (_named_folder, _temporary_folder):
        try:
            folder = find()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = folder.stat()
        except OSError:
            continue
        writable_by_others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if status.st_uid in (os.getuid(), 0) and not writable_by_others:
            yield folder


def _named_folder() -> Path:
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named).resolve() if named else platformdirs.user_cache_path("isthmus")


def _temporary_folder() -> Path:
    """Return the fallback; there is none on a machine where nothing can be written."""
    return Path(tempfile.gettempdir()) / f"isthmus-{os.getuid()}"
