"""What `monty` runs of Python is what its refusals and docs/engines.md say.

After a change of an engine: `python -m tests.conformance.test_subset` writes both anew.
"""

import asyncio
from pathlib import Path

from sandbox.engines.monty import subset as written
from sandbox.engines.table import make_engine
from tests.subset.module import text_of
from tests.subset.page import page_with
from tests.subset.probe import Subset, probed

MODULE = Path(written.__file__)
PAGE = Path(__file__).parent.parent.parent / "docs" / "engines.md"


async def asked() -> Subset:
    """Ask both."""
    whole = make_engine("cpython", workers=1)
    await whole.open()
    try:
        return await probed(whole)
    finally:
        await whole.close()


async def test_the_words_that_are_refused_are_those_that_are_lacking() -> None:
    """A newer interpreter has more; a program is not refused for what is there."""
    expected = text_of(await asked())

    assert await asyncio.to_thread(MODULE.read_text, encoding="utf-8") == expected


async def test_the_page_on_the_engines_says_what_each_runs() -> None:
    """Whoever writes programs for the quick engine reads it there."""
    page = await asyncio.to_thread(PAGE.read_text, encoding="utf-8")

    assert page == page_with(await asked(), page)


if __name__ == "__main__":
    found = asyncio.run(asked())
    MODULE.write_text(text_of(found), encoding="utf-8")
    PAGE.write_text(page_with(found, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
