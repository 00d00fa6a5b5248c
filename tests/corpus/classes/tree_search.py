from collections import deque
from dataclasses import dataclass, field
from typing import Iterator


@dataclass
class Tree:
    key: int
    left: "Tree | None" = None
    right: "Tree | None" = None

    def insert(self, key: int) -> None:
        side = "left" if key < self.key else "right"
        child = getattr(self, side)
        if child is None:
            setattr(self, side, Tree(key))
        else:
            child.insert(key)

    def __iter__(self) -> Iterator[int]:
        if self.left:
            yield from self.left
        yield self.key
        if self.right:
            yield from self.right

    def levels(self):
        waiting, result = deque([(self, 0)]), []
        while waiting:
            node, depth = waiting.popleft()
            if len(result) <= depth:
                result.append([])
            result[depth].append(node.key)
            waiting.extend((child, depth + 1) for child in (node.left, node.right) if child)
        return result


tree = Tree(5)
for key in (2, 8, 1, 9, 3):
    tree.insert(key)
[list(tree), tree.levels(), 3 in tree, max(tree), repr(Tree(1))]
