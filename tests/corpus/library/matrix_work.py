import math
from fractions import Fraction
from itertools import product


def multiply(a, b):
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]


def determinant(m):
    m = [[Fraction(x) for x in row] for row in m]
    sign, size = 1, len(m)
    for i in range(size):
        pivot = next((r for r in range(i, size) if m[r][i]), None)
        if pivot is None:
            return 0
        if pivot != i:
            m[i], m[pivot] = m[pivot], m[i]
            sign = -sign
        for r in range(i + 1, size):
            factor = m[r][i] / m[i][i]
            m[r] = [a - factor * b for a, b in zip(m[r], m[i])]
    return int(sign * math.prod(m[i][i] for i in range(size)))


m = [[0, 2, 1], [1, 1, 0], [3, 0, 1]]
life = {(0, 1), (1, 1), (2, 1)}
neighbours = lambda c: [(c[0] + x, c[1] + y) for x, y in product((-1, 0, 1), repeat=2) if (x, y) != (0, 0)]
following = {c for c in {n for cell in life for n in neighbours(cell)} if len(life & set(neighbours(c))) in ((2, 3) if c in life else (3,))}
[multiply([[1, 2], [3, 4]], [[0, 1], [1, 0]]), determinant(m), sorted(map(list, following)), [list(r) for r in zip(*m)], math.sumprod([1, 2], [3, 4])]
