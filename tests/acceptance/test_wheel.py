"""What `pip install .` does on a machine that has nothing but Python: the guest is built while the wheel is."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "*.wasm", "*.sources", "__pycache__", ".*_cache", "tests", ".hypothesis"
)


def test_a_wheel_built_in_isolation_holds_the_guest(tmp_path: Path) -> None:
    """No tool of this environment is on the path of the build, only what the build asks for itself."""
    source = tmp_path / "source"
    shutil.copytree(ROOT, source, ignore=LEFT_OUT)

    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": "/usr/bin:/bin"}
    )

    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("isthmus-*.whl")
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
        assert content.getinfo("sandbox/engines/cpython/guest.wasm").file_size > 10_000_000
    assert not [name for name in names if name.startswith(("examples/", "tests/", "bench/"))]
