"""Special methods of a program's classes: name -> an expression with an object `a` whose method gives `G`.

Where the method has to give something else, it stands in `GIVES`.
"""

_SAME_BOTH_WAYS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>",
}  # fmt: skip
EXPRESSIONS = {
    **{f"__{name}__": f"a {sign} 1" for name, sign in _SAME_BOTH_WAYS.items()},
    **{f"__r{name}__": f"1 {sign} a" for name, sign in _SAME_BOTH_WAYS.items()},
    **{f"__i{name}__": f"a {sign}= 1\na" for name, sign in _SAME_BOTH_WAYS.items()},
    "__eq__": "a == 1",
    "__ne__": "a != 1",
    "__lt__": "a < 1",
    "__le__": "a <= 1",
    "__gt__": "a > 1",
    "__ge__": "a >= 1",
    "__neg__": "-a",
    "__pos__": "+a",
    "__invert__": "~a",
    "__abs__": "abs(a)",
    "__round__": "round(a)",
    "__divmod__": "divmod(a, 1)",
    "__getitem__": "a[1]",
    "__setitem__": "a[1] = 2",
    "__contains__": "1 in a",
    "__len__": "len(a)",
    "__bool__": "bool(a)",
    "__iter__": "list(a)",
    "__next__": "next(a)",
    "__reversed__": "list(reversed(a))",
    "__call__": "a(1)",
    "__hash__": "hash(a)",
    "__repr__": "repr(a)",
    "__str__": "str(a)",
    "__format__": "f'{a}'",
    "__int__": "int(a)",
    "__float__": "float(a)",
    "__index__": "[1, 2, 3][a]",
    "__bytes__": "bytes(a)",
    "__getattr__": "a.missing",
    "__getattribute__": "a.missing",
    "__setattr__": "a.x = 1\nhasattr(a, 'x')",
    "__enter__": "with a as b:\n    pass\nb",
    "__await__": "await a",
}
GIVES = {
    "__iter__": "iter([1])", "__reversed__": "iter([1])", "__contains__": "True", "__bool__": "False", "__len__": "0",
    "__repr__": "'r'", "__str__": "'s'", "__format__": "'f'", "__float__": "1.5", "__bytes__": "b'b'",
    "__index__": "1", "__await__": "iter([])", "__eq__": "False", "__ne__": "False",
}  # fmt: skip
_EXIT = "    def __exit__(self, *given):\n        return False\n"
PROGRAMS = {
    **{
        name: f"class A:\n    def {name}(self, *given):\n        return {GIVES.get(name, '7')}\n{_EXIT}a = A()\n{text}"
        for name, text in EXPRESSIONS.items()
    },
    "__init__": "class A:\n    def __init__(self, x):\n        self.x = x\nA(1).x",
    "__exit__": "class A:\n    def __enter__(self):\n        return 1\n    def __exit__(self, *given):\n        return True\n"
    "with A():\n    1 / 0\n5",
    "__post_init__": "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n    def __post_init__(self):\n"
    "        self.x += 1\nA(1).x",
    "__new__": "class A:\n    def __new__(cls):\n        return 5\nA()",
    "__slots__": "class A:\n    __slots__ = ('x',)\na = A()\ntry:\n    a.y = 1\n    r = 1\nexcept AttributeError:\n    r = 2\nr",
    "__match_args__": "class A:\n    __match_args__ = ('x',)\n    def __init__(self):\n        self.x = 1\nmatch A():\n"
    "    case A(y):\n        r = y\nr",
    "__class_getitem__": "class A:\n    def __class_getitem__(cls, item):\n        return item\nA[1]",
    "__get__": "class D:\n    def __get__(self, one, kind):\n        return 5\nclass A:\n    x = D()\nA().x",
    "__set__": "class D:\n    def __get__(self, one, kind):\n        return 5\n    def __set__(self, one, value):\n        pass\n"
    "class A:\n    x = D()\na = A()\na.x = 1\na.x",
    "__set_name__": "class D:\n    def __set_name__(self, owner, name):\n        self.name = name\nclass A:\n    x = D()\n"
    "A.x.name",
    "__copy__": "import copy\nclass A:\n    def __copy__(self):\n        return 5\ncopy.copy(A())",
    "__deepcopy__": "import copy\nclass A:\n    def __deepcopy__(self, memo):\n        return 5\ncopy.deepcopy(A())",
    "__doc__": "class A:\n    'doc'\nA.__doc__",
    "__class__": "class A:\n    pass\nA().__class__ is A",
}
