"""Staying awake for what is about to come: to fall asleep and be woken takes longer than most turns do.

Both ends of a channel look again and again for a moment before they sleep, where the last time was not in vain and
there is a processor to spare: who stays awake on the only one holds up whom it waits for.
"""

import os
from pathlib import Path

# About twice what a call of a function takes on either side. Whatever takes longer is worth being woken for.
VIGIL_SECONDS = 0.0005
# Whoever yields the processor and has it back only after so long is not the only one that wants it.
WANTED_SECONDS = 0.00005
_ENOUGH = 2
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def is_affordable(quota: Path = _QUOTA) -> bool:
    """Say whether this process may use more than one processor, as far as the system says.

    Args:
        quota: what a control group may use, as cgroup v2 of Linux has it: microseconds, or `max`, of so many.
    """
    try:
        used, period = quota.read_text().split()
        allowed = int(used) / int(period)
    except (OSError, ValueError):
        allowed = float("inf")
    return min(allowed, len(os.sched_getaffinity(0))) >= _ENOUGH
