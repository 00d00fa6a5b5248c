"""What a template's `reusable` asks of the engine."""

import uuid
from typing import Any

from sandbox.options import ReusePolicy, checks
from sandbox.turns import Reuse


def reuse_of(policy: ReusePolicy | None) -> Reuse | None:
    """Return on which terms isolates are kept for one template: no other has the same owner, nor has a copy of it.

    Raises:
        ValueError: the policy asks for what no isolate does.
    """
    if policy is None:
        return None
    replicas: Any = policy.replicas
    fewest, most = replicas
    idle, scaledown = (checks.duration("reusable", one) for one in (policy.idle_ttl, policy.scaledown_ttl))
    if most < 1:
        message = f"reusable.replicas={replicas!r} leaves no isolate to run in: allow at least 1"
        raise ValueError(message)
    if policy.concurrency != 1:
        message = f"reusable.concurrency={policy.concurrency!r} is not supported: an isolate holds one run at a time; "
        raise ValueError(f"{message}leave it at 1, and pass replicas={most * policy.concurrency}")
    if policy.scope != "global":
        message = f"reusable.scope={policy.scope!r} is not supported: a run has one isolate as it is; "
        raise ValueError(f"{message}leave it at 'global', or leave reusable out")
    return Reuse(
        owner=uuid.uuid4().hex,
        fewest=fewest,
        most=most,
        idle_seconds=idle.total_seconds(),
        scaledown_seconds=scaledown.total_seconds(),
    )
