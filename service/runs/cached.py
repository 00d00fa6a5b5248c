"""Results that the service keeps: what an order is known by, and its answer without a run.

Nobody is given the result of another tenant's: who sent it is part of what it is known by.
"""

from collections.abc import Awaitable, Callable

from sandbox.cache import CacheStore, Identity, answered, key_of, version_of
from sandbox.engine import Engine
from sandbox.errors import ValueRejected
from sandbox.execute import Finished
from sandbox.weight import in_its_place
from service.runs.answer import fitting
from service.runs.order import Order


async def answered_order(
    order: Order,
    compute: Callable[[], Awaitable[Finished]],
    *,
    tenant: str,
    engine: Engine,
    store: CacheStore | None,
) -> Finished:
    """Return how an equal order ended, where it asks for that and it is kept; else how this one does.

    With `serialize` it waits for an equal one for as long as it may itself take, and is then run as well.
    """
    if store is None or not order.cache.is_enabled():
        return await compute()
    key = await in_its_place(order.size_bytes, lambda: _key(order, tenant, engine))
    if key is None:
        return await compute()
    return await answered(
        order.cache,
        key,
        compute,
        store=store,
        check=lambda value: fitting(value, order.output),
        patience_seconds=order.limits.wall_seconds,
    )


def _key(order: Order, tenant: str, engine: Engine) -> str | None:
    identity = Identity(
        program=order.program,
        engine=engine.name,
        engine_version=engine.version,
        functions={name: version_of(function) for name, function in order.functions.items()},
        limits=order.limits,
    )
    try:
        return key_of(
            order.cache,
            name=order.name,
            shape=order.shape,
            version=identity.version(),
            inputs=order.inputs,
            namespace=f"tenant:{tenant}",
            given=order.given,
        )
    except ValueRejected:
        return None
