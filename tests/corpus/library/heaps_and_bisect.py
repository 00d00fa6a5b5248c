import bisect
import heapq
from graphlib import CycleError, TopologicalSorter

heap = []
for priority, name in [(3, "low"), (1, "high"), (2, "mid")]:
    heapq.heappush(heap, (priority, name))
order = [heapq.heappop(heap)[1] for _ in range(3)]
grades = [60, 70, 80, 90]
inserted = [1, 3, 5]
bisect.insort(inserted, 4)
graph = {"deploy": {"test", "build"}, "test": {"build"}, "build": {"checkout"}}
try:
    list(TopologicalSorter({"a": {"b"}, "b": {"a"}}).static_order())
except CycleError as error:
    cycle = error.args[0]
sorter = TopologicalSorter(graph)
sorter.prepare()
waves = []
while sorter.is_active():
    ready = sorted(sorter.get_ready())
    waves.append(ready)
    sorter.done(*ready)
[order, "FDCBA"[bisect.bisect(grades, 85)], inserted, bisect.bisect_left([1, 2, 2, 3], 2), heapq.nlargest(2, [5, 1, 9]), heapq.nsmallest(1, orders, key=lambda o: o["price"])[0]["id"], list(heapq.merge([1, 4], [2, 3])), list(TopologicalSorter(graph).static_order()), cycle, waves, heapq.heappushpop([1, 2], 0), bisect.bisect_right(orders, 3, key=lambda o: o["id"])]
