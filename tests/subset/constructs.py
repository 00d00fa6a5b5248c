"""Kinds of syntax: name -> a program that is nothing without it. Its value is the same on every engine that has it."""

CONSTRUCTS = {
    "assignment, also annotated and augmented": "x: int = 1\nx += 2\nx",
    "several targets, and a star among them": "a, *b = [1, 2, 3]\nb",
    "walrus": "(y := 3) + y",
    "walrus in comprehensions, which binds outside of them": "x = 0\n[x := i for i in [1, 2]]\nx",
    "arithmetic, comparison, `and`, `or`, `not`": "1 < 2 < 3 and not 7 // 2 == 4 or 2 ** 3 % 5",
    "matrix multiplication": "class A:\n    def __matmul__(self, other):\n        return 5\nA() @ 1",
    "complex numbers": "abs(3 + 4j)",
    "conditional expressions": "1 if [] else 2",
    "slices": "[1, 2, 3][::-1]",
    "f-strings": "f'{3.14159:>8.2f}|{1!r}'",
    "t-strings": "len(t'{3}'.strings)",
    "list, dict and set comprehensions": "[{x: 1 for x in [1]}, sorted({x for x in [2]}), [y for x in [[3]] for y in x]]",
    "generator expressions": "list(x for x in [1, 2])",
    "generator expressions, `map` and `filter` that take an item at a time": "log = []\ng = (log.append(x) for x in [1, 2])\nlen(log)",
    "`zip`, `enumerate` and `reversed` that take an item at a time": "next(zip([1], [2]))[0]",
    "`sum` of floats, rounded once": "sum([0.1] * 10)",
    "star in lists and dictionaries": "[*[1], {**{'a': 2}}]",
    "`if`, `elif`, `else`": "if 0:\n    r = 1\nelif 1:\n    r = 2\nelse:\n    r = 3\nr",
    "`for` and `while`, with `break`, `continue`, `else`": "for i in [1]:\n    continue\nelse:\n    i = 7\n"
    "while True:\n    break\ni",
    "`match`": "match {'a': [1, 2]}:\n    case {'a': [x, *_]} if x:\n        r = x\nr",
    "`match` of classes": "class P:\n    def __init__(self, x):\n        self.x = x\nmatch P(1):\n    case P(x=v):\n"
    "        r = v\nr",
    "`try`, `except`, `else`, `finally`": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    r = str(e)\nfinally:\n"
    "    pass\nr",
    "`except*`": "try:\n    raise ExceptionGroup('a', [ValueError(1)])\nexcept* ValueError:\n    r = 1\nr",
    "`raise ... from ...`": "try:\n    raise ValueError('a') from KeyError('b')\nexcept ValueError as e:\n    r = str(e)\nr",
    "exceptions of an argument that is no text": "try:\n    raise ValueError(1)\nexcept ValueError as e:\n    r = e.args[0]\nr",
    "exceptions of several arguments": "try:\n    raise ValueError('a', 1)\nexcept ValueError as e:\n    r = e.args\nlist(r)",
    "classes of exceptions": "class E(Exception):\n    pass\ntry:\n    raise E('a')\nexcept E as e:\n    r = str(e)\nr",
    "`with`": "class A:\n    def __enter__(self):\n        return 1\n    def __exit__(self, *a):\n        return False\n"
    "with A() as x, A() as y:\n    pass\nx + y",
    "functions: defaults, keywords, `*args`, `**kwargs`, `/`": "def f(a, /, b=2, *c, d=4, **e):\n"
    "    return [a, b, c, d, e]\nf(1, 2, 3, d=5, e=6)",
    "lambdas": "(lambda x=1: x + 1)(2)",
    "closures, `nonlocal`, `global`": "n = 0\ndef f():\n    m = 1\n    def g():\n        nonlocal m\n        global n\n"
    "        m, n = 2, 3\n    g()\n    return m\nf() + n",
    "recursion": "def f(n):\n    return n * f(n - 1) if n else 1\nf(10)",
    "decorators of functions": "def d(f):\n    return f\n@d\ndef g():\n    return 1\ng()",
    "type parameters": "def f[T](x: T) -> T:\n    return x\nf(1)",
    "`type` aliases": "type A = int\n1",
    "`yield`": "def g():\n    yield 1\nlist(g())",
    "`yield from`": "def g():\n    yield from [1]\nlist(g())",
    "classes with methods": "class A:\n    n = 1\n    def __init__(self, x):\n        self.x = x\n    def f(self):\n"
    "        return self.x + self.n\nA(2).f()",
    "inheritance": "class A:\n    def f(self):\n        return 1\nclass B(A):\n    def f(self):\n"
    "        return super().f() + 1\nB().f()",
    "`@property`, `@classmethod`, `@staticmethod`": "class A:\n    @property\n    def x(self):\n        return 1\nA().x",
    "decorators of methods": "def d(f):\n    return f\nclass A:\n    @d\n    def x(self):\n        return 1\nA().x()",
    "decorators of classes": "def d(c):\n    return c\n@d\nclass A:\n    x = 1\nA().x",
    "operators of classes: `__add__`, `__eq__`, `__lt__`, `__getitem__`, `__len__`": "class A:\n"
    "    def __add__(self, o):\n        return 5\n    def __eq__(self, o):\n        return True\n"
    "    def __lt__(self, o):\n        return True\n    def __getitem__(self, i):\n        return i\n"
    "    def __len__(self):\n        return 3\n[A() + 1, A() == 1, A() < A(), A()[2], len(A())]",
    "`__iter__`, `__contains__`, `__call__`, `__bool__`": "class A:\n    def __iter__(self):\n        return iter([1])\n"
    "    def __contains__(self, x):\n        return True\n    def __call__(self):\n        return 5\n"
    "    def __bool__(self):\n        return False\n[list(A()), 1 in A(), A()(), bool(A())]",
    "`__repr__`, `__str__`, `__hash__`": "class A:\n    def __repr__(self):\n        return 'r'\n"
    "    def __hash__(self):\n        return 1\n[repr(A()), str(A()), hash(A())]",
    "`__getattr__`": "class A:\n    def __getattr__(self, name):\n        return name\nA().x",
    "metaclasses": "class M(type):\n    pass\nclass A(metaclass=M):\n    x = 1\nA.x",
    "dataclasses": "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1\nA(2).x",
    "frozen dataclasses": "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass A:\n    x: int = 1\nA(2).x",
    "`field(default_factory=...)`": "from dataclasses import dataclass, field\n@dataclass\nclass A:\n"
    "    x: list = field(default_factory=list)\nA().x",
    "`@dataclass(order=True)`": "from dataclasses import dataclass\n@dataclass(order=True)\nclass A:\n    x: int\nA(1) < A(2)",
    "enums": "from enum import Enum\nclass C(Enum):\n    A = 1\nC.A.value",
    "classes of named tuples": "from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\nP(1).x",
    "`async def`, `await`, also at the top level": "async def f():\n    return 1\nawait f()",
    "`asyncio.gather`": "import asyncio\nasync def f(x):\n    return x\nawait asyncio.gather(f(1), f(2))",
    "`asyncio.gather(return_exceptions=True)`": "import asyncio\nasync def f():\n    return 1\nawait asyncio.gather(f(), return_exceptions=True)",
    "`asyncio.run`": "import asyncio\nasync def f():\n    return 1\nasyncio.run(f())",
    "`asyncio.create_task`": "import asyncio\nasync def f(x):\n    return x\nt = asyncio.create_task(f(1))\nawait t",
    "`asyncio.wait_for`": "import asyncio\nasync def f(x):\n    return x\nawait asyncio.wait_for(f(1), 1)",
    "`asyncio.sleep`": "import asyncio\nawait asyncio.sleep(0)",
    "`asyncio.TaskGroup`": "import asyncio\nasync def f(x):\n    return x\nasync with asyncio.TaskGroup() as g:\n"
    "    t = g.create_task(f(1))\nt.result()",
    "`async for`": "class A:\n    n = 0\n    def __aiter__(self):\n        return self\n    async def __anext__(self):\n"
    "        if self.n:\n            raise StopAsyncIteration\n        self.n = 1\n        return 5\n"
    "async for x in A():\n    pass\nx",
    "`async with`": "class A:\n    async def __aenter__(self):\n        return 1\n"
    "    async def __aexit__(self, *a):\n        return False\nasync with A() as x:\n    pass\nx",
    "`await` in comprehensions": "async def f(x):\n    return x\n[await f(x) for x in [1, 2]]",
    "`del` of names": "x = 1\ndel x\n1",
    "`del` of items": "d = {1: 2}\ndel d[1]\nlen(d)",
    "`assert`": "assert 1 == 1, 'no'\n1",
    "`import`, `import ... as`, `from ... import`": "import math as m\nfrom math import sqrt as s\ns(4) + m.floor(1.5)",
    "methods as values": "list(map(str.upper, ['a']))",
    "bound methods as values": "f = [1].append\nf(2)\n1",
    "builtins as values": "list(map(len, ['a']))",
    "`isinstance` with a tuple, and with `|`": "[isinstance(1, (int, str)), isinstance(1, int | str)]",
    "whole numbers of any size": "2 ** 200",
    "`%` and `str.format`": "'%s %05.1f' % ('a', 2) + '{:>4,}'.format(1234)",
    "`print` with `sep` and `end`": "print(1, 2, sep='-', end='')\n1",
    "`re.sub` with a function": "import re\nre.sub('a', lambda m: 'b', 'a')",
    "`json.dumps` with `default`": "import json\njson.dumps({1}, default=list)",
    "`bytes` of numbers": "len(bytes([1, 2]))",
    "docstrings": "def f():\n    'doc'\nf.__doc__",
    "`__name__` of functions and classes": "class A:\n    pass\ndef f():\n    pass\n[f.__name__, A.__name__, type(1).__name__]",
    'the block `if __name__ == "__main__":`': "if __name__ == '__main__':\n    print(1)\n1",
    "`return` at the top level": "return 5",
}  # fmt: skip
