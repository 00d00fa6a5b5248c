"""Small programs made of fragments at random: ordinary ones, and ones that fail."""

import random
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
)
_HEAD = """\
import json, math, re
def sum_(q):
    r = 0
    for w in q:
        r += w
    return r
def g(*q):
    return list(q)
"""


def program(drawn: random.Random) -> str:
    """Draw a program; it has the inputs below and a function `f`."""
    body = [_filled(drawn, drawn.choice(STATEMENTS)) for _ in range(drawn.randint(1, 5))]
    value = ", ".join(drawn.choice(EXPRESSIONS) for _ in range(drawn.randint(1, 3)))
    return _HEAD + "\n".join(body) + f"\n[{value}, x, xs, d]"


def inputs() -> dict[str, Any]:
    """Return what such a program is given."""
    return {"x": 3, "xs": [3, 1, 2], "d": {"a": 1}, "s": "hello"}


def _filled(drawn: random.Random, statement: str) -> str:
    while "EXPRESSION" in statement:
        statement = statement.replace("EXPRESSION", drawn.choice(EXPRESSIONS), 1)
    return statement
