class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __radd__(self, other):
        return self if other == 0 else NotImplemented

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

    def __iadd__(self, other):
        self.x += other.x
        self.y += other.y
        return self

    def __eq__(self, other):
        return isinstance(other, Vector) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __abs__(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5

    def __bool__(self):
        return bool(self.x or self.y)

    def __repr__(self):
        return f"Vector({self.x}, {self.y})"

    def __format__(self, spec):
        return f"<{self.x:{spec}}|{self.y:{spec}}>"

    def __iter__(self):
        yield self.x
        yield self.y

    def __getitem__(self, index):
        return (self.x, self.y)[index]


a, b = Vector(1, 2), Vector(3, 4)
c = a
c += b
try:
    a.z = 1
except AttributeError:
    slotted = True
[repr(a), repr(sum([b, b])), repr(2 * b), repr(-b), b @ b, abs(b), bool(Vector(0, 0)), c is a, len({b, Vector(3, 4)}), f"{b:.1f}", list(b), b[-1], b != a, slotted, [*map(repr, sorted([b, Vector(0, 1)], key=abs))]]
