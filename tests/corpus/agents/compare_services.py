import asyncio
import json

names = ["web", "search"]
series = await asyncio.gather(*(get_metrics(n) for n in names))
comparison = {}
for name, points in zip(names, series):
    values = [p["latency_ms"] for p in points]
    comparison[name] = {
        "min": min(values),
        "max": max(values),
        "mean": round(sum(values) / len(values), 2),
        "error_rate": round(sum(p["errors"] for p in points) / len(points), 3),
    }
slowest = max(comparison, key=lambda n: comparison[n]["mean"])
print(json.dumps(comparison, indent=1))
f"{slowest} is slowest with {comparison[slowest]['mean']:.1f} ms on average"
