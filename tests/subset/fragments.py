"""Small programs made of fragments at random: ordinary ones, and ones that fail."""

import random
import re
from collections.abc import Callable, Sequence
from typing import Any

EXPRESSIONS = (
    "x",
    "xs",
    "d",
    "s",
    "1",
    "2.5",
    "'a'",
    "[1,2]",
    "{'k':1}",
    "(1,'b')",
    "None",
    "True",
    "len(xs)",
    "str(x)",
    "x+1",
    "x*2.5",
    "s.upper()",
    "s+'b'",
    "xs[0]",
    "xs[::-1]",
    "d['a']",
    "d.get('z',3)",
    "sorted(xs)",
    "[y*2 for y in xs]",
    "{k:v for k,v in d.items()}",
    "f'{x:>4}|{s!r}'",
    "x if x>2 else -x",
    "max(xs)",
    "min(xs,default=0)",
    "round(2.567,1)",
    "list(enumerate(xs))",
    "list(zip(xs,s))",
    "[a for a,b in zip(xs,xs)]",
    "', '.join(str(y) for y in xs)",
    "f(x)",
    "f(s)",
    "[f(y) for y in xs]",
    "isinstance(x,int)",
    "x//2",
    "x%3",
    "-x**2",
    "x<3<5",
    "not x",
    "x and s",
    "set(xs)==set([3,1,2])",
    "sorted(set(xs))",
    "s.split('e')",
    "s.replace('e','E')",
    "s*2",
    "'%s-%d'%(s,x)",
    "'{}:{:03d}'.format(s,x)",
    "abs(-x)",
    "int('7')",
    "float('1.5')",
    "bool([])",
    "list(range(x))",
    "tuple(xs)",
    "dict(a=x)",
    "s[1:3]",
    "s.strip().title()",
    "'e' in s",
    "x in xs",
    "list(map(str,xs))",
    "list(filter(None,xs))",
    "divmod(17,x)",
    "10**x",
    "hex(x)",
    "chr(65+x)",
    "s.find('l')",
    "any([x>1,x>5])",
    "all([])",
    "json.dumps({'a':[x,s,None]})",
    "json.loads('[1,{\"a\":2.0}]')",
    "math.sqrt(x*x)",
    "re.findall('l+',s)",
    "re.sub('l','L',s)",
    "s.encode()",
    "sum_(xs)",
    "type(x) is int",
    "xs.copy()",
    "[*xs,*s]",
    "{**d,'n':x}",
    "(lambda q:q+1)(x)",
    "g(x)",
    "g(*xs)",
    "sum(xs)",
    "sum([0.1]*x)",
    "sum(y*0.1 for y in xs)",
    "sum([1, 2**31, 0.1, 0.2])",
    "sum(d.values(), 0.5)",
    "sum(len(str(y)) for y in xs)",
    "sum(f(y) for y in [1,'a',2])",
    "sum(h_(y) for y in xs)",
    "sum(map(f, xs))",
    "sum(map(float, xs))",
    "sum([[1],[2]], [])",
    "sum([[1],[2]])",
    "sum([s, x])",
    "sum([1j, 2j])",
    "max(f(y) for y in [1,'a',2])",
    "max(xs, key=lambda y: -y)",
    "max(xs, key=lambda y: f(y))",
    "max([], default=x)",
    "min((y % 3, y) for y in xs)",
    "set(f(y) for y in [[], 1])",
    "sorted(d.items(), key=lambda p: (p[1], p[0]))",
    "sorted(xs, key=h_)",
    "sorted(xs, key=lambda y: h_(y))",
    "round(2.675, 2)",
    "round(x / 7, x)",
    "round(x * 1.15, 2)",
    "round(2.5)",
    "round(-1234.5, -2)",
    "round(12345, -2)",
    "round(x, 2)",
    "round('a', 2)",
    "[sum, round][0](xs)",
    "list(map(round, [1.5, 2.5]))",
    "any(y == 3 for y in xs)",
    "any(y > 'a' for y in [1, 2])",
    "all(y is not None for y in xs if y)",
    "any(1 / y == 1 for y in [1, 0])",
    "any(f(y) for y in xs)",
    "all(not y for _, y in [(1, 2), 3])",
    "type(x).__name__",
    "type(s).__name__ + f'{type(xs).__name__}'",
    "[type(v).__name__ for v in (x, s, xs, d, None, 1.5)]",
    "x.__name__",
    "xs.index(1)",
    "xs.index(9)",
    "s.count('l')",
    "range(5).index(3)",
    "range(x).count(1) if x else 0",
    "str(timedelta(days=x))",
    "str(timedelta(days=1.5))",
    "str(timedelta(hours=30, minutes=-5))",
    "[str(timedelta(days=n)) for n in range(2)]",
    "str(timedelta(hours=1) * x)",
    "str(timedelta(hours=1) * 2.5)",
    "timedelta(hours=5) / timedelta(hours=2)",
    "str(date(2026, 3, 1) - timedelta(days=1))",
    "(date(2026, 3, 1) - date(2026, 2, 1)).days",
    "str((date(2026, 3, 1) - date(2026, 2, 1)) * 1.5)",
    "f'{x / 7:.2f}|{x * 1.5:,.1f}|{x:05d}'",
    "Counter(str(y) for y in xs).most_common()",
    "json.dumps(xs, default=str)",
    "[f(y) + 1 for y in xs]",
    "K(x).total()",
    "sorted([K(2), K(1)], key=lambda k: k.total())[0].n",
    "sum(k.total() for k in [K(1), K(2)])",
    "sum(K(y).n for y in xs)",
)
STATEMENTS = (
    "x = EXPRESSION",
    "y = EXPRESSION",
    "print(EXPRESSION)",
    "xs.append(EXPRESSION)",
    "d['n'] = EXPRESSION",
    "if EXPRESSION:\n    x += 1\nelse:\n    x -= 1",
    "for i in range(2):\n    x += i\n    print(i, EXPRESSION)",
    "while x > 50:\n    x //= 2",
    "x, y = EXPRESSION, EXPRESSION",
    "def h(p, q=2):\n    return [p, q, EXPRESSION]\nprint(h(EXPRESSION))",
    "match EXPRESSION:\n    case int():\n        print('int')\n    case [a, *b]:\n        print(a, b)\n    case str() | None:\n        print('s')\n    case _:\n        print('other')",
    "assert EXPRESSION is not None, 'none'",
    "try:\n    z = EXPRESSION\nexcept (TypeError, ValueError, KeyError):\n    print('caught')",
    "try:\n    z = EXPRESSION\nexcept (TypeError, ValueError, KeyError) as error:\n    print('caught')",
    "try:\n    z = d[EXPRESSION]\nexcept KeyError as error:\n    print(f'no {error}')",
    "try:\n    z = int(EXPRESSION)\nexcept ValueError as error:\n    print(error)",
    "try:\n    z = EXPRESSION\nexcept Exception as error:\n    print('failed')",
    "try:\n    z = EXPRESSION\nexcept Exception as error:\n    print(type(error).__name__)",
    "try:\n    z = d[x]\nexcept Exception as error:\n    print(error)",
    "for i, y in enumerate(xs):\n    print(i, y, EXPRESSION)",
    "for i, y in enumerate(xs):\n    if i < 5:\n        xs.append(EXPRESSION)",
    "for i, y in enumerate(xs):\n    xs[i] = EXPRESSION",
    "for y, z in zip(xs, xs[1:]):\n    print(y, z)",
    "for y in reversed(xs):\n    xs.remove(y)",
    "for y in filter(lambda q: q != 1, xs):\n    print(y, EXPRESSION)",
    "for y in xs:\n    if x > 2:\n        break\n    print(EXPRESSION)",
    "total = round(sum(q * 1.1 for q in xs), 2)\nprint(total, EXPRESSION)",
    "q = set(xs)\nr = q\nr |= set([9])\nprint(len(q))",
    "q = xs\nq *= 2\nprint(xs)",
    "def sum(q):\n    return EXPRESSION\nprint(sum(xs))",
    "round = EXPRESSION",
)
# What a program names is defined above it, and nothing else: each is a doubt or another.
_HEADS = {
    "json": "import json\n",
    "math": "import math\n",
    "re": "import re\n",
    "Counter": "from collections import Counter\n",
    "date": "from datetime import date\n",
    "timedelta": "from datetime import timedelta\n",
    "sum_": "def sum_(q):\n    r = 0\n    for w in q:\n        r += w\n    return r\n",
    "g": "def g(*q):\n    return list(q)\n",
    "h_": "def h_(q):\n    return f(q)\n",
    "K": "class K:\n    def __init__(self, n):\n        self.n = n\n    def total(self):\n        return f(self.n)\n",
}


def undoubted(doubts: Callable[[str], bool]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the expressions and the statements that alone leave no doubt: a program with others is of no use."""
    expressions = tuple(one for one in EXPRESSIONS if not doubts(_headed(one)))
    return expressions, tuple(one for one in STATEMENTS if not doubts(_headed(one.replace("EXPRESSION", "x"))))


def program(
    drawn: random.Random, expressions: Sequence[str] = EXPRESSIONS, statements: Sequence[str] = STATEMENTS
) -> str:
    """Draw a program; it has the inputs below and a function `f`."""
    body = [_filled(drawn, drawn.choice(statements), expressions) for _ in range(drawn.randint(1, 5))]
    value = ", ".join(drawn.choice(expressions) for _ in range(drawn.randint(1, 3)))
    return _headed("\n".join(body) + f"\n[{value}, x, xs, d]")


def alone() -> list[str]:
    """Return a program of each fragment."""
    statements = (one.replace("EXPRESSION", "x") for one in STATEMENTS)
    return [_headed(one) for one in (*EXPRESSIONS, *(f"{one}\n[x, xs, d]" for one in statements))]


def inputs() -> dict[str, Any]:
    """Return what such a program is given."""
    return {"x": 3, "xs": [3, 1, 2], "d": {"a": 1}, "s": "hello"}


def _headed(body: str) -> str:
    return "".join(text for name, text in _HEADS.items() if re.search(rf"\b{name}\b", body)) + body


def _filled(drawn: random.Random, statement: str, expressions: Sequence[str]) -> str:
    while "EXPRESSION" in statement:
        statement = statement.replace("EXPRESSION", drawn.choice(expressions), 1)
    return statement
