import time

before = time.monotonic()
time.sleep(0.01)
waited = time.monotonic() - before
stamp = time.gmtime(86400 * 365)
[waited >= 0.01, time.time() > 1_600_000_000, time.strftime("%Y-%m-%d", stamp), time.strptime("30 Nov 26", "%d %b %y").tm_mon, time.perf_counter() >= 0, time.mktime(stamp) == 31536000.0, stamp.tm_yday, time.time_ns() > 10**18, time.ctime(0)]
