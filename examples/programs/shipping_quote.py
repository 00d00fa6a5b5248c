"""asyncio.TaskGroup, a timeout and an except* clause: quotes for all paid orders at once, with a second attempt."""

import asyncio


async def quote(order):
    try:
        return await carrier_rate(order["id"])
    except ConnectionError:
        return await carrier_rate(order["id"])


async def main():
    orders = [order for customer in customers for order in list_orders(customer, "paid")]
    quotes, failed = {}, []
    try:
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            tasks = {order["id"]: group.create_task(quote(order)) for order in orders}
        quotes = {f"order {number}": task.result() for number, task in tasks.items()}
    except* ConnectionError as failures:
        failed = [str(error) for error in failures.exceptions]
    return {"quotes": quotes, "failed": failed}


asyncio.run(main())
