"""Templates whose isolates are kept, and templates that give way, as a caller of the library has them."""

import asyncio
import pickle

from sandbox import Resources, ReusePolicy, orchestrator_from_str, run

MARKING = """
import calendar
before = calendar.firstweekday()
calendar.setfirstweekday(mark)
before
"""
KEPT = ReusePolicy(replicas=(1, 1))


async def test_a_reusable_template_keeps_its_isolate_and_no_other_template_gets_it() -> None:
    """Nor does a copy of it: it may have other functions under the same names."""
    template = orchestrator_from_str(MARKING, inputs={"mark": int}, output=int, reusable=KEPT)
    same = orchestrator_from_str(MARKING, inputs={"mark": int}, output=int, reusable=KEPT)
    copies = [template.override(retries=1), pickle.loads(pickle.dumps(template))]  # noqa: S301 - our own

    assert [await template.aio(mark=mark) for mark in (1, 2, 3)] == [0, 1, 2]
    assert [await one.aio(mark=4) for one in (same, *copies)] == [0, 0, 0]
    assert await template.aio(mark=5) == 3


async def test_reuse_is_switched_off_with_what_it_keeps_from_being_overridden() -> None:
    """As in Flyte: `reusable="off"` in the same call."""
    template = orchestrator_from_str(MARKING, inputs={"mark": int}, output=int, reusable=KEPT)
    single = template.override(reusable="off", resources=Resources(memory="40Mi"))

    assert single.reusable is None
    assert [await single.aio(mark=mark) for mark in (1, 2)] == [0, 0]


async def test_an_interruptible_template_runs_as_any_other() -> None:
    """Where there is room for everybody nothing is to be seen of it."""

    async def double(n: int) -> int:
        await asyncio.sleep(0)
        return n * 2

    template = orchestrator_from_str(
        "[double(n) for n in range(3)]", inputs={}, output=list[int], tasks=[double], interruptible=True
    )
    done = await run.aio(template)

    assert (done.value, len(done.calls)) == ([0, 2, 4], 3)
