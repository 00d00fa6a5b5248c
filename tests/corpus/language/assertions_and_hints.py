from __future__ import annotations

import typing


class Node:
    next: Node | None = None

    def attach(self, other: "Node") -> Node:
        self.next = other
        return other


def check(value: int, *, low: int = 0, high: typing.Optional[int] = None) -> bool:
    assert isinstance(value, int), f"{value!r} is no int"
    assert low <= value <= (high if high is not None else value)
    return True


results = []
for value in (5, "x", -1):
    try:
        results.append(check(value))
    except AssertionError as error:
        results.append(str(error))
head = Node()
head.attach(Node()).attach(Node())
depth, at = 0, head
while at := at.next:
    depth += 1
[results, depth, check(3, high=3)]
