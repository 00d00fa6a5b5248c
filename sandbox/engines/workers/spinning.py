"""Spinning: looking again and again before falling asleep, because being woken takes longer than most turns do.

Both ends of a channel do it, where it was not in vain lately (`sandbox.adaptive_wait`) and there is a processor to
spare: who spins on the only one holds up whom it waits for.
"""

import os
from pathlib import Path

# About twice what a call of a function takes on either side. Whatever takes longer is worth being woken for.
SPIN_SECONDS = 0.0005
# Whoever yields the processor and has it back only after so long is not the only one that wants it, and stops.
CONTENDED_SECONDS = 0.00005
_ENOUGH = 2
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def may_spin(quota: Path = _QUOTA) -> bool:
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
