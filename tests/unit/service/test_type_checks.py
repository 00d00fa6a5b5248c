"""Whose program is checked next: nobody's checks hold up those of another tenant."""

import asyncio
import threading
from typing import Any

from sandbox.checker.check import Checked
from service.rights import Caller, Rights, RunRate
from service.runs.type_checks import TypeChecks

NOTHING: Any = None


def caller(tenant: str) -> Caller:
    """Return a caller whose rights let it submit nothing more: what is checked here was submitted."""
    rights = Rights(max_running=1, max_queued=0, rate=RunRate(runs=1, per_seconds=3600))
    return Caller(tenant=tenant, rights=rights, key_id=None, scopes=frozenset())


class Checker:
    """Notes what it is asked, and answers when it may."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()

    def check(self, source: str, _survey: Any, **_types: Any) -> Checked:
        """Check a program."""
        self.asked.append(source)
        self.may_answer.wait()
        return Checked()


async def until_asked(checker: Checker, count: int) -> None:
    """Return when the checker was asked so often."""
    async with asyncio.timeout(30):
        while len(checker.asked) < count:  # noqa: ASYNC110 - a thread of another kind notes it
            await asyncio.sleep(0.001)


async def test_a_tenant_with_many_checks_holds_up_nobody_else() -> None:
    """Its checks wait for each other; another's comes next, whenever it comes."""
    checker = Checker()
    order: Any = type("Order", (), {"input_types": {}, "functions": {}, "output": None})
    checks = TypeChecks(NOTHING, at_once=1, check=checker.check)
    many = [asyncio.ensure_future(checks.checked(f"a{n}", NOTHING, order, caller=caller("a"))) for n in range(5)]
    await until_asked(checker, 1)
    other = asyncio.ensure_future(checks.checked("b", NOTHING, order, caller=caller("b")))
    await asyncio.sleep(0)

    checker.may_answer.set()
    await asyncio.gather(*many, other)

    assert checker.asked[:2] == ["a0", "b"]
    assert sorted(checker.asked) == ["a0", "a1", "a2", "a3", "a4", "b"]


async def test_a_check_that_waited_too_long_says_why_nothing_is_known() -> None:
    """That is no fault of the program's: it runs, and whoever asked sees that nothing was checked."""
    checker = Checker()
    order: Any = type("Order", (), {"input_types": {}, "functions": {}, "output": None})
    checks = TypeChecks(NOTHING, at_once=1, patience_seconds=0.01, check=checker.check)
    first = asyncio.ensure_future(checks.checked("a", NOTHING, order, caller=caller("a")))
    await until_asked(checker, 1)

    late = await checks.checked("b", NOTHING, order, caller=caller("b"))

    checker.may_answer.set()
    await first
    assert late == Checked(unchecked="the type checker has more to do than it comes to; send it again")
    assert (await checks.checked("c", NOTHING, order, caller=caller("b"))) == Checked()
