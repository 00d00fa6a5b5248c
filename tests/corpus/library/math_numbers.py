import cmath
import math
import statistics
from fractions import Fraction

z = cmath.sqrt(-4)
[
    math.floor(-1.5), math.ceil(1.2), math.isclose(0.1 + 0.2, 0.3), math.gcd(12, 18), math.lcm(4, 6), math.factorial(10), math.comb(5, 2), math.hypot(3, 4),
    round(math.log(100, 10), 10), math.prod([2, 3, 4]), math.fsum([0.1] * 10), math.inf > 1, math.isnan(math.nan), math.trunc(-2.7), math.dist((0, 0), (3, 4)), math.isqrt(17),
    [z.real, z.imag], round(abs(cmath.exp(1j * math.pi) + 1), 10), [round(p, 4) for p in cmath.polar(1 + 1j)],
    statistics.mean([1, 2, 3, 4]), statistics.median([3, 1, 2]), round(statistics.stdev([2, 4, 4, 4, 5, 5, 7, 9]), 6), statistics.mode("aabb"), statistics.multimode("aabb"),
    statistics.quantiles([1, 2, 3, 4, 5], n=4), statistics.fmean([1, 2], weights=[3, 1]), str(Fraction(3, 6) + Fraction("0.25")), Fraction(0.5).limit_denominator().numerator,
    list(divmod(-7, 3)), pow(3, -1, 7), round(2.5), round(3.14159, 2), round(1234, -2), int("ff", 16), 7 // -2, -7 % 3, 0.1 + 0.2, 1e300 * 10, 2 ** 100,
]
