import queue

tasks = queue.PriorityQueue()
for item in [(2, "b"), (1, "a"), (3, "c")]:
    tasks.put(item)
done = []
while not tasks.empty():
    done.append(tasks.get()[1])
    tasks.task_done()
bounded = queue.Queue(maxsize=1)
bounded.put("x")
try:
    bounded.put_nowait("y")
except queue.Full:
    done.append("full")
bounded.get()
try:
    bounded.get(block=False)
except queue.Empty:
    done.append("empty")
try:
    bounded.get(timeout=0.01)
except queue.Empty:
    done.append("waited")
stack = queue.LifoQueue()
stack.put(1)
stack.put(2)
simple = queue.SimpleQueue()
simple.put("s")
[done, stack.get(), stack.qsize(), simple.get(), bounded.full()]
