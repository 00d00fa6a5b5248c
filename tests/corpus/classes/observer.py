from collections import defaultdict


class Bus:
    def __init__(self):
        self._subscribers = defaultdict(list)

    def on(self, topic):
        def subscribe(function):
            self._subscribers[topic].append(function)
            return function
        return subscribe

    def emit(self, topic, *args, **kwargs):
        return [function(*args, **kwargs) for function in self._subscribers.get(topic, ())]


bus = Bus()
seen = []


@bus.on("paid")
def mail(order, **_):
    return send(f"{order['customer']}@example.com", f"order {order['id']}")["subject"]


@bus.on("paid")
@bus.on("void")
def count(order, note=""):
    seen.append(order["id"])
    return f"{len(seen)}{note}"


[[bus.emit(o["status"], o, note="!") for o in orders], seen]
