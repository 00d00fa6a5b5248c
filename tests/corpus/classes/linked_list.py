class Node:
    __slots__ = ("value", "_next")

    def __init__(self, value, following=None):
        self.value = value
        self._next = following


class LinkedList:
    def __init__(self, values=()):
        self._head = None
        self._size = 0
        for value in reversed(list(values)):
            self.push(value)

    def push(self, value):
        self._head = Node(value, self._head)
        self._size += 1

    def pop(self):
        if self._head is None:
            raise IndexError("pop from an empty list")
        value, self._head = self._head.value, self._head._next
        self._size -= 1
        return value

    def reverse(self):
        before, at = None, self._head
        while at:
            at._next, before, at = before, at, at._next
        self._head = before

    def __iter__(self):
        at = self._head
        while at is not None:
            yield at.value
            at = at._next

    def __len__(self):
        return self._size

    def __str__(self):
        return " -> ".join(map(str, self))


items = LinkedList([1, 2, 3])
items.push(0)
items.reverse()
popped = items.pop()
try:
    LinkedList().pop()
except IndexError as error:
    message = str(error)
[str(items), popped, len(items), message, sum(items), 2 in items]
