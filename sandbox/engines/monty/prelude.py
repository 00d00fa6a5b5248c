"""What is run before a program: functions in the place of the interpreter's own, where those differ from CPython's.

They are programs for the interpreter, run in the session before the program that names them: some 40 microseconds. Each
is made by a function that has the interpreter's own one and whatever it computes with, so that nothing the program
binds changes it. `abs` lends its name meanwhile: what is bound there cannot be deleted, and a program sees no other.
"""

import hashlib
import re

# As `builtin_sum_impl` of CPython 3.14 does it: whole numbers while they fit into a C `long`, which has 32 bits in the
# guest; then floats, with what is lost in each addition kept (Neumaier); anything else one after the other.
_SUM = """\
def sum(plain, list, tuple, range, set, map, type, int, float, bool, abs):
    numbers, walked_again = {int, float, bool}, {list, tuple, range}
    def sum(iterable, /, start=0):
        items = iterable if type(iterable) in walked_again else list(iterable)
        total, kind = plain(items, start), type(start)
        if type(total) is not float or not (kind is int or kind is float) or not set(map(type, items)) <= numbers:
            return total
        if kind is int:
            at = 0
            while type(items[at]) is not float:
                if not (-2147483648 <= start <= 2147483647 and -2147483648 <= items[at] <= 2147483647):
                    return total
                start += items[at]
                at += 1
            if not -2147483648 <= start <= 2147483647:
                return total
            start += items[at]
            items = items[at + 1:]
        lost = 0.0
        for item in items:
            item = float(item)
            total = start + item
            if abs(start) >= abs(item):
                lost += (start - total) + item
            else:
                lost += (item - total) + start
            start = total
        return start + lost if lost and lost - lost == 0 else start
    return sum
sum = sum(abs[1], list, tuple, range, set, map, type, int, float, bool, abs[0])
"""
# As `float___round___impl` does it: to the nearest of what is stored, and half to even.
_ROUND = """\
def round(plain, type, int, float, bool, abs, divmod, OverflowError):
    def round(number, ndigits=None):
        if type(number) is not float or ndigits is None:
            return plain(number, ndigits)
        if type(ndigits) is bool:
            ndigits = int(ndigits)
        if type(ndigits) is not int or number == 0 or number - number != 0:
            return plain(number, ndigits)
        if ndigits > 323:
            return number
        if ndigits >= 0:
            return float(f"{number:.{ndigits}f}")
        if ndigits < -308:
            return 0.0 * number
        size = abs(number)
        whole, unit = int(size), 10 ** -ndigits
        count, rest = divmod(whole, unit)
        if 2 * rest > unit or 2 * rest == unit and (count % 2 or size != whole):
            count += 1
        try:
            rounded = float(count * unit)
        except OverflowError:
            raise OverflowError("rounded value too large to represent") from None
        return rounded if number > 0 else -rounded
    return round
round = round(abs[2], type, int, float, bool, abs[0], divmod, OverflowError)
"""
# In this order; each before the name that it binds is used again.
_GIVEN = {"sum": _SUM, "round": _ROUND}
_BEFORE, _AFTER = "abs = (abs, sum, round)\n", "abs = abs[0]\n"
_NAMES = re.compile(r"(?<![\w.])(?:sum|round)\b")
VERSION = hashlib.sha256("".join([_BEFORE, *_GIVEN.values(), _AFTER]).encode()).hexdigest()[:8]
"""Of the prelude: a program that waits and goes on has had the same one, or is replayed."""


def prelude_of(source: str) -> str:
    """Return what is run before a program; nothing where it names nothing of this."""
    named = {found[0] for found in _NAMES.finditer(source)}
    if not named:
        return ""
    return "".join([_BEFORE, *(text for name, text in _GIVEN.items() if name in named), _AFTER])
