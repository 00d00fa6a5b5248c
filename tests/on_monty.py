"""What the tests of every engine come to on `monty`: as on `cpython`, unless `tests/on_monty.txt` says otherwise.

A line of that table is a test and what it comes to there: `refused` with the exact message, where the engine refuses
the test's program before it runs; `differs`, where the program runs and ends otherwise, in other words most often,
with the end that the last program of the test came to, to the letter, so that another one is seen.
What is in no line has to pass, and what is in one has to come to just that. After a change of the engine,
`python -m pytest tests/conformance tests/hostile --on-monty-anew` writes the table.
"""

import json
import re
from collections.abc import Generator
from pathlib import Path

import pytest

from sandbox.execute import Finished
from sandbox.turns import LimitExceeded, Progress, Raised

TABLE = Path(__file__).with_suffix(".txt")
_PASSES, _DIFFERS, _REFUSED = "passes", "differs", "refused: "
_REFUSALS: list[str] = []
_ENDS: list[str] = []
_COME: dict[str, str] = {}
_LONGEST = 300


def note_end(end: Progress | Finished, output: str) -> None:
    """Take note of how a program of the test under way ended, and whether it was refused for what is lacking."""
    error = end.error if isinstance(end, Raised | Finished) else None
    if error is not None and error.type == "NotSupported":
        _REFUSALS.append(re.sub(r"\s+", " ", error.message))
    if error is not None:
        text = f"{error.kind} {error.type}: {error.message}"
    elif isinstance(end, LimitExceeded):
        text = " ".join(filter(None, ("limit", end.limit, end.detail)))
    else:
        text = f"value {getattr(end, 'value', None)!r}"
    _ENDS.append(f"{_shown(text)}, prints {_shown(output)}" if output else _shown(text))


def _shown(text: str) -> str:
    """Return a text in one line, cut in the middle when it is long."""
    text = json.dumps(text)[1:-1]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 40]}... {len(text)} ...{text[-20:]}"


def expected() -> dict[str, str]:
    """Return what tests come to that do not pass."""
    if not TABLE.exists():
        return {}
    return dict(line.rsplit("\t", 1) for line in TABLE.read_text(encoding="utf-8").splitlines())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the table anew."""
    parser.addoption("--on-monty-anew", action="store_true", help="write tests/on_monty.txt")


def pytest_configure(config: pytest.Config) -> None:
    """Add the mark of tests that are about one engine."""
    config.addinivalue_line("markers", "of_cpython: what is tested is a part of that engine: the guest and its policy")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other engine."""
    left_out = [one for one in items if _is_on_monty(one) and one.get_closest_marker("of_cpython")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [one for one in items if one not in {*left_out}]


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Compare what a test on `monty` comes to with the table."""
    if not _is_on_monty(pyfuncitem):
        return (yield)
    _REFUSALS.clear()
    _ENDS.clear()
    failure: BaseException | None = None
    try:
        yield
    except AssertionError as error:
        # Anything else, such as a worker that died or a program that hangs, is as bad there as anywhere.
        failure = error
    came = _PASSES if failure is None else f"{_REFUSED}{_REFUSALS[0]}" if _REFUSALS else _differs()
    if pyfuncitem.config.getoption("--on-monty-anew"):
        _COME[_key(pyfuncitem)] = came
        return True
    wanted = expected().get(_key(pyfuncitem), _PASSES)
    if came == wanted:
        return True
    message = f"on monty it comes to {came!r}, and tests/on_monty.txt says {wanted!r}"
    if failure is None:
        pytest.fail(message)
    failure.add_note(message)
    raise failure


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the table, where that was asked for: with what was run now, and the lines of what was not."""
    if session.config.getoption("--on-monty-anew") and _COME:
        come = {**expected(), **_COME}
        lines = [f"{test}\t{what}\n" for test, what in sorted(come.items()) if what != _PASSES]
        TABLE.write_text("".join(lines), encoding="utf-8")


def _is_on_monty(item: pytest.Item) -> bool:
    called = getattr(item, "callspec", None)
    return called is not None and "monty" in called.params.values()


def _differs() -> str:
    return f"{_DIFFERS}: {_ENDS[-1]}" if _ENDS else _DIFFERS


def _key(item: pytest.Item) -> str:
    return item.nodeid.replace("\t", " ").replace("\n", " ")
