import asyncio

SERVICES = ["web", "search", "mail"]


async def summarize(service):
    points = await get_metrics(service)
    if not points:
        return {"service": service, "status": "no data"}
    values = sorted(p["latency_ms"] for p in points)
    mean = sum(values) / len(values)
    p95 = values[min(len(values) - 1, int(len(values) * 0.95))]
    errors = sum(p["errors"] for p in points)
    return {
        "service": service,
        "mean": round(mean, 1),
        "p95": p95,
        "errors": errors,
        "status": "degraded" if p95 > 300 or errors > 5 else "ok",
    }


async def main():
    results = await asyncio.gather(*[summarize(s) for s in SERVICES])
    degraded = [r["service"] for r in results if r["status"] == "degraded"]
    for service in degraded:
        send("oncall@example.com", f"{service} is degraded", urgent=True)
    return {"services": results, "degraded": degraded}


await main()
