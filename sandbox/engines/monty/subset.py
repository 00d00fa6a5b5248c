"""What the interpreter lacks of what the `cpython` engine runs, as its programs name it.

Made by asking both engines: `python -m tests.conformance.test_subset` writes it anew, and a test compares.
"""

# Kinds of syntax, and what goes with it, as docs/engines.md names them.
NO_CONSTRUCTS = (
    "t-strings",
    "generator expressions, `map` and `filter` that take an item at a time",
    "`zip`, `enumerate` and `reversed` that take an item at a time",
    "the text of floats halfway between two texts of 17 digits",
    "the text of a `KeyError` whose key is no text",
    "keys that are equal and of two types, of which the first stays",
    "spans of time multiplied or divided by floats",
    "`except*`",
    "exceptions of an argument that is no text",
    "exceptions of several arguments",
    "classes of exceptions",
    "`type` aliases",
    "`yield`",
    "`yield from`",
    "inheritance",
    "`@property`, `@classmethod`, `@staticmethod`",
    "decorators of methods",
    "metaclasses",
    "`@dataclass(order=True)`",
    "enums",
    "classes of named tuples",
    "`asyncio.gather(return_exceptions=True)`",
    "`asyncio.create_task`",
    "`asyncio.wait_for`",
    "`asyncio.TaskGroup`",
    "`async for`",
    "`async with`",
    "`del` of names",
    "`del` of items",
    "methods as values",
    "bound methods as values",
    "`re.sub` with a function",
    "`json.dumps` with `default`",
    "`bytes` of numbers",
    "docstrings",
    "`__name__` of functions and classes",
)
# Builtins.
NO_BUILTINS = (
    "BaseExceptionGroup", "BlockingIOError", "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError",
    "ConnectionAbortedError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError",
    "DeprecationWarning", "EOFError", "EncodingWarning", "EnvironmentError", "ExceptionGroup", "FloatingPointError",
    "FunctionError", "FutureWarning", "GeneratorExit", "IOError", "ImportWarning", "IndentationError",
    "InterruptedError", "OutcomeUnknown", "PendingDeprecationWarning", "ProcessLookupError", "ReferenceError",
    "ResourceWarning", "RuntimeWarning", "StopAsyncIteration", "SyntaxWarning", "SystemError", "TabError",
    "UnicodeError", "UnicodeTranslateError", "UnicodeWarning", "UserWarning", "Warning", "aiter", "anext", "ascii",
    "bytearray", "callable", "classmethod", "delattr", "dir", "flyte_map", "issubclass", "memoryview", "staticmethod",
    "super", "vars",
)  # fmt: skip
# Modules that it has -> names in them that it lacks.
MODULES: dict[str, tuple[str, ...]] = {
    "asyncio": (
        "ALL_COMPLETED", "Barrier", "BoundedSemaphore", "BrokenBarrierError", "CancelledError", "Condition", "Event",
        "FIRST_COMPLETED", "FIRST_EXCEPTION", "Future", "InvalidStateError", "LifoQueue", "Lock", "PriorityQueue",
        "Queue", "QueueEmpty", "QueueFull", "QueueShutDown", "Semaphore", "Task", "TaskGroup", "Timeout",
        "TimeoutError", "all_tasks", "as_completed", "create_task", "current_task", "ensure_future",
        "get_running_loop", "iscoroutine", "iscoroutinefunction", "isfuture", "shield", "timeout", "timeout_at",
        "wait", "wait_for",
    ),
    "base64": (),
    "binascii": (),
    "bisect": (),
    "collections": (
        "ChainMap", "OrderedDict", "UserDict", "UserList", "UserString", "abc",
    ),
    "copy": (
        "Error", "replace",
    ),
    "csv": (
        "Sniffer", "register_dialect", "unregister_dialect",
    ),
    "dataclasses": (
        "Field", "InitVar", "KW_ONLY", "asdict", "astuple", "fields", "make_dataclass", "replace",
    ),
    "datetime": (
        "MAXYEAR", "MINYEAR", "UTC", "tzinfo",
    ),
    "decimal": (),
    "functools": (
        "Placeholder", "WRAPPER_ASSIGNMENTS", "WRAPPER_UPDATES", "cached_property", "cmp_to_key", "partialmethod",
        "singledispatch", "total_ordering", "update_wrapper", "wraps",
    ),
    "hashlib": (),
    "itertools": (),
    "json": (
        "JSONDecoder", "JSONEncoder",
    ),
    "math": (),
    "os": (),
    "random": ("SystemRandom",),
    "re": (
        "L", "LOCALE", "RegexFlag", "U", "UNICODE", "VERBOSE", "X", "purge", "subn",
    ),
    "time": (
        "CLOCK_MONOTONIC", "CLOCK_REALTIME", "clock_getres", "clock_gettime", "clock_gettime_ns", "get_clock_info",
        "struct_time",
    ),
    "tomllib": (),
    "typing": (
        "AbstractSet", "AnyStr", "AsyncContextManager", "AsyncGenerator", "AsyncIterable", "AsyncIterator",
        "Awaitable", "BinaryIO", "ByteString", "ChainMap", "Collection", "Concatenate", "Container", "ContextManager",
        "Coroutine", "Counter", "DefaultDict", "Deque", "Hashable", "IO", "ItemsView", "KeysView", "LiteralString",
        "MappingView", "Match", "MutableMapping", "MutableSequence", "MutableSet", "NamedTuple", "NewType",
        "NoDefault", "NotRequired", "OrderedDict", "ParamSpec", "ParamSpecArgs", "ParamSpecKwargs", "Pattern",
        "ReadOnly", "Required", "Reversible", "Sized", "SupportsAbs", "SupportsBytes", "SupportsComplex",
        "SupportsFloat", "SupportsIndex", "SupportsInt", "SupportsRound", "Text", "TextIO", "TypeAlias",
        "TypeAliasType", "TypeGuard", "TypeIs", "TypeVarTuple", "TypedDict", "Unpack", "ValuesView", "assert_never",
        "assert_type", "cast", "clear_overloads", "dataclass_transform", "final", "get_args", "get_origin",
        "get_overloads", "get_protocol_members", "get_type_hints", "is_protocol", "is_typeddict", "no_type_check",
        "no_type_check_decorator", "overload", "override", "reveal_type", "runtime_checkable",
    ),
    "unicodedata": (
        "UCD", "bidirectional", "decimal", "decomposition", "digit", "east_asian_width", "mirrored", "numeric",
        "ucd_3_2_0",
    ),
}  # fmt: skip
# Further ones, which the other engine lacks.
MORE_MODULES = (
    "os.path", "pathlib", "sys",
)  # fmt: skip
# Special methods that a class may define and that are not called.
NO_SPECIALS = frozenset((
    "__await__", "__bool__", "__bytes__", "__class_getitem__", "__format__", "__ge__", "__get__", "__getattr__",
    "__getattribute__", "__gt__", "__iadd__", "__iand__", "__ifloordiv__", "__ilshift__", "__imatmul__", "__imod__",
    "__imul__", "__ior__", "__ipow__", "__irshift__", "__isub__", "__itruediv__", "__ixor__", "__le__", "__len__",
    "__lt__", "__ne__", "__new__", "__reversed__", "__set__", "__set_name__", "__setattr__", "__slots__",
))  # fmt: skip
# Attributes of built-in types that no type has here.
NO_ATTRIBUTES = frozenset((
    "add_note", "bit_count", "bit_length", "ctime", "denominator", "difference_update", "endpos", "expand", "fold",
    "format_map", "from_bytes", "fromisocalendar", "fromordinal", "fromtimestamp", "gauss_next", "groupindex",
    "intersection_update", "is_integer", "isocalendar", "lastgroup", "lastindex", "maketrans", "numerator", "pos",
    "re", "regs", "scanner", "step", "stop", "subn", "symmetric_difference_update", "timetuple", "to_bytes",
    "toordinal", "translate", "utcfromtimestamp", "utcnow", "utctimetuple", "with_traceback",
))  # fmt: skip
# Those that some type lacks here.
SOME_ATTRIBUTES = frozenset((
    "add_note", "as_integer_ratio", "bit_count", "bit_length", "conjugate", "count", "ctime", "denominator",
    "difference_update", "endpos", "expand", "expandtabs", "fold", "format_map", "from_bytes", "from_number",
    "fromhex", "fromisocalendar", "fromordinal", "fromtimestamp", "gauss_next", "groupindex", "groups", "hex", "imag",
    "index", "intersection_update", "is_integer", "isocalendar", "lastgroup", "lastindex", "maketrans", "numerator",
    "pos", "re", "real", "regs", "scanner", "start", "step", "stop", "strptime", "subn",
    "symmetric_difference_update", "timetuple", "to_bytes", "today", "toordinal", "translate", "utcfromtimestamp",
    "utcnow", "utctimetuple", "with_traceback",
))  # fmt: skip
# Methods of built-in types: there where they are called, and no values.
METHODS = frozenset((
    "add", "adjusted", "append", "appendleft", "as_integer_ratio", "as_tuple", "astimezone", "betavariate",
    "binomialvariate", "canonical", "capitalize", "casefold", "center", "choice", "choices", "clear", "combine",
    "compare", "compare_signal", "compare_total", "compare_total_mag", "conjugate", "copy", "copy_abs", "copy_negate",
    "copy_sign", "count", "date", "decode", "difference", "discard", "dst", "elements", "encode", "end", "endswith",
    "exp", "expandtabs", "expovariate", "extend", "extendleft", "find", "findall", "finditer", "fma", "format",
    "from_float", "from_number", "fromhex", "fromisoformat", "fromkeys", "fullmatch", "gammavariate", "gauss", "get",
    "getrandbits", "getstate", "group", "groupdict", "groups", "hex", "index", "insert", "intersection",
    "is_canonical", "is_finite", "is_infinite", "is_nan", "is_normal", "is_qnan", "is_signed", "is_snan",
    "is_subnormal", "is_zero", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isdisjoint", "isidentifier",
    "islower", "isnumeric", "isoformat", "isoweekday", "isprintable", "isspace", "issubset", "issuperset", "istitle",
    "isupper", "items", "join", "keys", "ljust", "ln", "log10", "logb", "logical_and", "logical_invert", "logical_or",
    "logical_xor", "lognormvariate", "lower", "lstrip", "match", "max", "max_mag", "min", "min_mag", "most_common",
    "next_minus", "next_plus", "next_toward", "normalize", "normalvariate", "now", "number_class", "paretovariate",
    "partition", "pop", "popitem", "popleft", "quantize", "radix", "randbytes", "randint", "random", "randrange",
    "remainder_near", "remove", "removeprefix", "removesuffix", "replace", "resolution", "reverse", "rfind", "rindex",
    "rjust", "rotate", "rpartition", "rsplit", "rstrip", "same_quantum", "sample", "scaleb", "search", "seed",
    "setdefault", "setstate", "shift", "shuffle", "sort", "span", "split", "splitlines", "sqrt", "start",
    "startswith", "strftime", "strip", "strptime", "sub", "subtract", "swapcase", "symmetric_difference", "time",
    "timestamp", "timetz", "title", "to_eng_string", "to_integral", "to_integral_exact", "to_integral_value", "today",
    "total", "total_seconds", "triangular", "tzname", "uniform", "union", "update", "upper", "utcoffset", "values",
    "vonmisesvariate", "weekday", "weibullvariate", "zfill",
))  # fmt: skip
