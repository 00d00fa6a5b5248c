import pprint
import reprlib

data = {"name": "isthmus", "list": list(range(30)), "nested": {"a": {"b": [1, 2, {"c": "d" * 30}]}}}
pprint.pprint(data, width=60, compact=True)
[pprint.pformat({"b": 1, "a": 2}), pprint.pformat(data, depth=2, width=40).count("\n"), reprlib.repr(list(range(100))), reprlib.repr("x" * 100), pprint.isreadable([1]), pprint.pformat([1, 2], indent=4)]
