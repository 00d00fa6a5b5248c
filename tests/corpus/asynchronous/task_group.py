import asyncio

prices = {}


async def load(sku):
    prices[sku] = await get_price(sku)


async with asyncio.TaskGroup() as group:
    tasks = [group.create_task(load(sku), name=f"load-{sku}") for sku in ("MUG", "TEA", "POT")]
names = [task.get_name() for task in tasks]

failed = []
try:
    async with asyncio.TaskGroup() as group:
        group.create_task(load("MUG"))
        group.create_task(load("NOPE"))
except* KeyError as errors:
    failed = [type(error).__name__ for error in errors.exceptions]
[prices, names, failed]
