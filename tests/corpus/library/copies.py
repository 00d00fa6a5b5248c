import copy


class Node:
    def __init__(self, value, children=()):
        self.value = value
        self.children = list(children)
        self._parent = None
        for child in self.children:
            child._parent = self

    def __eq__(self, other):
        return self.value == other.value and self.children == other.children


class Custom:
    def __init__(self, n):
        self.n = n

    def __copy__(self):
        return Custom(self.n + 1)

    def __deepcopy__(self, memo):
        return Custom(self.n + 100)


tree = Node(1, [Node(2), Node(3, [Node(4)])])
shallow, deep = copy.copy(tree), copy.deepcopy(tree)
deep.children[1].children[0].value = 40
cyclic = [1]
cyclic.append(cyclic)
again = copy.deepcopy(cyclic)
[shallow.children is tree.children, deep == tree, tree.children[1].children[0].value, deep.children[0]._parent is deep, copy.copy(Custom(1)).n, copy.deepcopy([Custom(1)])[0].n, again[1] is again, copy.copy({"a": [1]})["a"] == [1]]
