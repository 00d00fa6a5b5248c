points = get_metrics("web")
window = 3
latencies = [p["latency_ms"] for p in points]
averages = []
for i in range(len(latencies) - window + 1):
    chunk = latencies[i : i + window]
    averages.append(round(sum(chunk) / window, 2))

peak = averages.index(max(averages))
trend = ["up" if b > a else "down" for a, b in zip(averages, averages[1:])]
{"averages": averages, "peak": peak, "trend": trend, "min": min(averages)}
