"""What every isolate starts with lies in the compiled file, and is shared with it until somebody writes to it."""

import pytest

from tests.play import Play

pytestmark = pytest.mark.of_cpython

COUNTED = """
import functools, json, sys
at_hand = [functools, json, sys]
at_hand += [one for module in sys.modules.values() for one in vars(module).values()]
at_hand += [method for one in at_hand if isinstance(one, type) for method in vars(one).values()]
[len(at_hand) > 20_000, sum(sys.getrefcount(one) < 2**30 for one in at_hand)]
"""


async def test_references_to_what_a_guest_starts_with_are_not_counted(play: Play) -> None:
    """A count is a write, and the first write to a page costs a page fault: most of what a short program costs."""
    played = await play(COUNTED, guarded=False)

    assert played.value == [True, 0]
