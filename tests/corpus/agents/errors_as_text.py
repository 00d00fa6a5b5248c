results = []
errors = []
for service in ["web", "db", "search"]:
    try:
        points = get_metrics(service)
        results.append({"service": service, "points": len(points), "max": max(p["latency_ms"] for p in points)})
    except Exception as e:
        errors.append({"service": service, "error": str(e), "type": type(e).__name__})

{"results": results, "errors": errors, "ok": not errors}
