import numbers
from decimal import Decimal
from fractions import Fraction

values = [1, True, 2.5, 1j, Fraction(1, 3), Decimal("1.5")]
[[isinstance(v, k) for k in (numbers.Integral, numbers.Rational, numbers.Real, numbers.Complex, numbers.Number)] for v in values] + [str(Fraction("3/4") * 2), str(Fraction(7, 3).limit_denominator(2)), Fraction(1, 3) + Fraction(1, 6) == Fraction(1, 2), float(Fraction(1, 8)), [Fraction(-7, 2).numerator, Fraction(-7, 2).denominator], str(Fraction(3.0)), round(Fraction(7, 2)), Fraction(1, 3) < 0.34]
