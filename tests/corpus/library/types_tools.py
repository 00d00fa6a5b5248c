import types
from types import GeneratorType, MappingProxyType, SimpleNamespace

config = SimpleNamespace(host="h", port=1)
config.port += 1
frozen = MappingProxyType({"a": 1})
try:
    frozen["a"] = 2
except TypeError as error:
    message = str(error)


def gen():
    yield 1


[repr(config), config.port, message, isinstance(gen(), GeneratorType), isinstance(len, types.BuiltinFunctionType), type(None) is types.NoneType, types.NoneType is type(None), SimpleNamespace(a=1) == SimpleNamespace(a=1), isinstance(int | str, types.UnionType), str(types.GenericAlias(list, (int,))), isinstance(config.host, str), dict(frozen), types.MethodType(lambda self, x: self + x, 5)(2)]
