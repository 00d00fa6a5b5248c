import asyncio


async def main():
    label = classify("is this a question?")
    amounts = [convert(10, "EUR", c) for c in ("USD", "GBP")]
    prices = await asyncio.gather(*[get_price(s) for s in ("MUG", "POT")])
    sent = send("ada@example.com", subject=label, urgent=True)
    return [label, amounts, prices, sent["priority"]]


asyncio.run(main())
