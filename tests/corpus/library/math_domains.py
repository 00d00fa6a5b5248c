import math

ODD = [-1e300, -6.7e7, -88858.5, -170.5, -2.5, -1.0, -0.5, -0.0, 0.0, 5e-324, 0.5, 1.0, 1.5, 171.5, 88858.5, 1e300, math.inf, -math.inf, math.nan]
FUNCTIONS = [
    math.acos, math.acosh, math.asin, math.asinh, math.atan, math.atanh, math.cbrt, math.ceil, math.cos, math.cosh, math.erf, math.erfc, math.exp, math.exp2,
    math.expm1, math.fabs, math.floor, math.gamma, math.lgamma, math.log, math.log10, math.log1p, math.log2, math.sin, math.sinh, math.sqrt, math.tan, math.tanh,
]


def domain(function, x):
    try:
        value = function(x)
    except (ValueError, OverflowError) as error:
        return type(error).__name__
    return "nan" if value != value else math.copysign(1, value)


[[domain(function, x) for x in ODD] for function in FUNCTIONS]
