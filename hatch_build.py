"""Build hook: builds the guest component when a wheel is built, and puts it into the wheel.

The build script is loaded by its path: importing the package would need dependencies that no build environment has.
"""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GUEST_BUILD = Path("sandbox", "engines", "cpython", "build.py")


class GuestBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own example leaves the config open
    """Runs before files are gathered, for a standard wheel and for an editable one."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the guest unless it is up to date; a standard wheel carries it, although git ignores it."""
        root = Path(self.root)
        guest: Path = runpy.run_path(str(root / GUEST_BUILD))["build"]()
        if version != "editable":
            build_data["force_include"][str(guest)] = guest.resolve().relative_to(root.resolve()).as_posix()
