"""A loop over calls with try/except: the carrier is down now and then, so each order gets three attempts."""

rates = {}
unknown = []

for order_id in order_ids:
    for attempt in range(1, 4):
        try:
            rates[order_id] = carrier_rate(order_id)
            break
        except ConnectionError as error:
            print(f"attempt {attempt}: {error}")
        except LookupError as error:
            print(f"skipped: {error}")
            unknown.append(order_id)
            break

shipping = {str(order_id): rate for order_id, rate in rates.items()}
{"rates": shipping, "total": round(sum(rates.values()), 2), "unknown": unknown}
