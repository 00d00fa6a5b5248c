import math


def stats(values):
    n = len(values)
    mean = sum(values) / n
    variance = sum((v - mean) ** 2 for v in values) / n
    return mean, math.sqrt(variance)


anomalies = {}
for service in ("web", "search"):
    points = get_metrics(service)
    mean, deviation = stats([p["latency_ms"] for p in points])
    anomalies[service] = [
        {"minute": p["minute"], "z": round((p["latency_ms"] - mean) / deviation, 2)}
        for p in points
        if abs(p["latency_ms"] - mean) > 1.2 * deviation
    ]
    print(f"{service}: mean {mean:.2f} ms, deviation {deviation:.3f}")

anomalies
