"""asyncio.gather over ten calls: each takes 100 ms, and they run at the same time."""

import asyncio

levels = await asyncio.gather(*(stock_level(sku) for sku in skus))
stock = dict(zip(skus, levels, strict=True))

{
    "sold_out": [sku for sku, level in stock.items() if level == 0],
    "low": {sku: level for sku, level in stock.items() if 0 < level < reorder_below},
    "pieces": sum(levels),
}
