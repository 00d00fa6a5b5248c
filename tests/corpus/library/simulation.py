import heapq
import random
from dataclasses import dataclass, field


@dataclass(order=True)
class Event:
    at: float
    kind: str = field(compare=False)
    customer: int = field(compare=False)


random.seed(11)
events, served, waiting, busy = [], [], [], False
for customer in range(5):
    heapq.heappush(events, Event(customer * 1.0, "arrive", customer))
while events:
    event = heapq.heappop(events)
    if event.kind == "arrive":
        waiting.append(event.customer)
    else:
        served.append([event.customer, event.at])
        busy = False
    if waiting and not busy:
        busy = True
        heapq.heappush(events, Event(event.at + 1.5, "leave", waiting.pop(0)))
{"served": served, "chance": random.choice(["a", "b"]) in "ab", "walk": [random.Random(3).randint(-1, 1) for _ in range(2)]}
