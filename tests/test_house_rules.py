"""The rules of the house that no tool checks: length, docstrings, package files, names that have no place here."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAX_LINES = 400
# Programs for the guest, which speaks a later Python than the host's.
GUEST_PROGRAMS = ROOT / "tests" / "corpus"
# The licence is not ours to edit.
NOT_OURS = {"LICENSE"}
# A package registry has one address per country, mirror and company: which one is used is the machine's business.
# Written with classes of one letter, so that this file does not contain what it looks for.
REGISTRY = re.compile(
    r"[p]ypi\.(org|python\.org)|[p]ythonhosted\.org|[d]eb\.debian\.org|[s]ecurity\.debian\.org|[s]napshot\.debian\.org"
    r"|[a]rchive\.ubuntu\.com|[r]egistry\.npmjs\.org|[i]ndex\.crates\.io"
)
HOME = re.compile(r"(?<![\w./])/([h]ome/[a-z]|[r]oot/\.(pyenv|cache|local)|[U]sers/[A-Za-z]|[w]ork/)")


def tracked(*patterns: str) -> list[Path]:
    """Files that git tracks or would add: a new file obeys the rules before its first commit."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so there is no list of the files that are ours")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({ROOT / name for name in names if name and (ROOT / name).is_file()})


def name(path: Path) -> str:
    """The path as a message shows it."""
    return path.relative_to(ROOT).as_posix()


def is_package_statement(node: ast.stmt) -> bool:
    """Whether an `__init__.py` may hold this: a docstring, an import, or `__all__`."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case _:
            return False


def hits(pattern: re.Pattern[str]) -> list[str]:
    """File and line of each place where a text file of ours matches."""
    found = []
    for path in tracked():
        if name(path) in NOT_OURS:
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found += [f"{name(path)}:{number}" for number, line in enumerate(lines, 1) if pattern.search(line)]
    return found


def test_no_module_is_longer_than_the_limit() -> None:
    """Whoever opens a file must be able to finish reading it."""
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in tracked("*.py")}

    assert {file: length for file, length in lengths.items() if length > MAX_LINES} == {}


def test_every_module_says_what_it_holds() -> None:
    """The first line of a file answers the first question about it."""
    modules = [path for path in tracked("*.py") if not path.is_relative_to(GUEST_PROGRAMS)]
    silent = [name(path) for path in modules if not ast.get_docstring(ast.parse(path.read_bytes()))]

    assert silent == []


def test_a_package_file_holds_names_and_nothing_else() -> None:
    """Importing a package must do no work, and nobody looks for behaviour in `__init__.py`."""
    working = [
        f"{name(path)}:{node.lineno}"
        for path in tracked("__init__.py", "*/__init__.py")
        for node in ast.parse(path.read_bytes()).body
        if not is_package_statement(node)
    ]

    assert working == []


def test_no_file_names_a_package_registry() -> None:
    """A clone must build behind any mirror: the clients' configuration says where packages come from."""
    assert hits(REGISTRY) == []


def test_no_file_names_somebodys_directory() -> None:
    """An absolute path of one machine is a bug on every other."""
    assert hits(HOME) == []


def test_what_builds_a_wheel_is_what_the_lock_was_made_from() -> None:
    """`pip install .` and the locked build in the image must make the guest with the same tools."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert project["dependency-groups"]["build"] == project["build-system"]["requires"]


@pytest.mark.parametrize("subset", ["run", "build"])
def test_the_locks_agree(subset: str) -> None:
    """The service must be tested with the versions that it is installed with."""
    versions = {file: set(locked_versions(file)) for file in ("dev", subset)}

    assert versions[subset] - versions["dev"] == set()


def test_the_extra_for_exports_is_locked_on_top_of_what_runs() -> None:
    """Installing it must change no version of what was tested."""
    changed = set(locked_versions("dev")) - set(locked_versions("flyte"))

    # flyte pins a version of its own; the extra `monty` and this one are not installed together.
    assert {one.partition("==")[0] for one in changed} == {
        "pydantic-monty",
        "pydantic-monty-client",
        "pydantic-monty-runtime",
    }


def locked_versions(file: str) -> list[str]:
    """Each `name==version` of a lock."""
    text = (ROOT / "requirements" / f"{file}.lock").read_text(encoding="utf-8")
    return re.findall(r"^[\w.-]+==\S+", text, re.MULTILINE)
