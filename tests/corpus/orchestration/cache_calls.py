from functools import lru_cache

calls = []


@lru_cache(maxsize=None)
def cached_price(sku):
    calls.append(sku)
    return get_price(sku)


total = sum(cached_price(o["sku"]) * o["quantity"] for o in orders)
{"total": round(total, 2), "calls": calls, "hits": cached_price.cache_info().hits}
