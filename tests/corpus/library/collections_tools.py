from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple

words = text.lower().replace(".", " ").replace(";", " ").split()
counter = Counter(words)
graph = defaultdict(list)
for a, b in [("a", "b"), ("a", "c"), ("b", "c")]:
    graph[a].append(b)
window = deque(maxlen=3)
for n in range(5):
    window.append(n)
window.rotate(1)
window.appendleft(9)
Point = namedtuple("Point", ["x", "y"], defaults=[0])
ordered = OrderedDict(b=1, a=2)
ordered.move_to_end("b")
settings = ChainMap({"color": "red"}, {"color": "blue", "size": 2})
p = Point(1)._replace(y=5)
[counter.most_common(2) == [("the", 3), ("dog", 2)], dict(graph), list(window), list(p), p._asdict(), list(Point._fields), list(ordered), settings["color"], settings["size"], sorted((Counter("aab") - Counter("ab")).elements()), Counter(a=1) + Counter(a=2, b=1) == {"a": 3, "b": 1}, counter.total(), settings.new_child({"size": 3})["size"], [*map(list, Counter("abca").most_common(1))]]
