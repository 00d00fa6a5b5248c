"""The ancestors of a run: those from which it descends by patches and forks."""

from sandbox.journal import Journal
from service.runs.running import Running
from service.runs.stored import Stored, load

# More patches than anybody makes of one run; more than these are a mistake of ours.
_MOST_ANCESTORS = 1_000


async def ancestors_of(running: Running, stored: Stored) -> list[Journal]:
    """Return the journals of the runs from which this one descends, the first one first."""
    journals: list[Journal] = []
    parent = stored.row.parent_id
    while parent is not None and len(journals) < _MOST_ANCESTORS:
        found = await load(running, parent, tenant=stored.row.tenant)
        if found is None:
            break
        if found.journal is not None:
            journals += [found.journal, *reversed(found.earlier)]
        parent = found.row.parent_id
    return journals[::-1]
