"""The language policy as data: what guest source may say.

One list, three readers: the transformer in the guest enforces it, the prompt given to models prints it, and
`docs/guest-python.md` is checked against it. Whatever is not listed is refused, so that new syntax, new builtins
and new modules stay closed until somebody reviewed them. This module is also part of the guest: it imports nothing.
"""

# Builtins that a program sees under their own name and unchanged.
BUILTINS = (
    "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup", "BufferError",
    "ConnectionAbortedError", "ConnectionError", "ConnectionRefusedError", "ConnectionResetError",
    "DeprecationWarning", "EOFError", "Ellipsis", "Exception", "ExceptionGroup", "False", "FileExistsError",
    "FileNotFoundError", "FloatingPointError", "FutureWarning", "GeneratorExit", "IndexError", "InterruptedError",
    "KeyError", "KeyboardInterrupt", "LookupError", "MemoryError", "ModuleNotFoundError", "ImportError", "NameError",
    "None", "NotImplemented", "NotImplementedError", "OSError", "OverflowError", "PermissionError",
    "RecursionError", "ReferenceError", "RuntimeError", "RuntimeWarning", "StopAsyncIteration", "StopIteration",
    "SyntaxError", "SystemExit", "TimeoutError", "True", "TypeError", "UnboundLocalError", "UnicodeDecodeError",
    "UnicodeEncodeError", "UnicodeError", "UserWarning", "ValueError", "Warning", "ZeroDivisionError",
    "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool", "bytearray", "bytes", "callable", "chr",
    "classmethod", "complex", "dict", "divmod", "enumerate", "filter", "float", "format", "frozenset", "hash",
    "hex", "id", "int", "isinstance", "issubclass", "iter", "len", "list", "map", "max", "memoryview", "min", "next",
    "object", "oct", "ord", "pow", "print", "property", "range", "repr", "reversed", "round", "set", "slice",
    "sorted", "staticmethod", "str", "sum", "super", "tuple", "zip",
)  # fmt: skip

# Builtins that a program sees under their own name, replaced by a version that keeps to this policy.
GUARDED_BUILTINS = ("delattr", "dir", "getattr", "hasattr", "setattr", "type", "vars")

# Builtins that are not there, and what to write instead: the hint of the NameError.
ABSENT_BUILTINS = {
    "open": "there are no files here; call a whitelisted function that gives the content",
    "input": "nobody can answer here; pass the value under `inputs`",
    "eval": "write the expression itself, or use json.loads for data",
    "exec": "write the code itself",
    "compile": "write the code itself",
    "globals": "keep the values in a dictionary of your own",
    "locals": "keep the values in a dictionary of your own",
    "breakpoint": "use print; what is printed comes back with the answer",
    "help": "the functions and their signatures are listed under GET /functions.pyi",
    "exit": "let the program end, or raise an exception",
    "quit": "let the program end, or raise an exception",
    "__import__": "use an import statement",
    "__builtins__": "call the builtin by its name",
}

# Modules that may be imported -> names of theirs that stay hidden, beside everything that begins with an
# underscore and every module that they imported themselves. A hidden name leads out of the policy: it evaluates
# text as code, follows attribute names given as text, makes code objects, or touches the interpreter.
MODULES: dict[str, tuple[str, ...]] = {
    "abc": ("get_cache_token", "update_abstractmethods"),
    "asyncio": (),
    "base64": ("decode", "encode", "main"),
    "binascii": (),
    "bisect": (),
    "calendar": ("main",),
    "cmath": (),
    "collections": (),
    "collections.abc": (),
    "contextlib": ("chdir", "redirect_stderr", "redirect_stdout"),
    "copy": (),
    "csv": (),
    "dataclasses": ("make_dataclass",),
    "datetime": (),
    "decimal": (),
    "difflib": (),
    "enum": ("global_enum", "global_enum_repr", "global_flag_repr", "global_str", "pickle_by_enum_name",
             "pickle_by_global_name", "property"),
    "fractions": (),
    "functools": ("singledispatch", "singledispatchmethod", "update_wrapper", "WRAPPER_ASSIGNMENTS", "WRAPPER_UPDATES"),
    "graphlib": (),
    "hashlib": ("file_digest",),
    "heapq": (),
    "hmac": (),
    "html": (),
    "io": ("BufferedRandom", "BufferedReader", "BufferedRWPair", "BufferedWriter", "FileIO", "TextIOWrapper", "open",
           "open_code", "text_encoding", "IncrementalNewlineDecoder"),
    "ipaddress": (),
    "itertools": (),
    "json": ("load", "dump"),
    "math": (),
    "numbers": (),
    "operator": (),
    "pprint": (),
    "random": (),
    "re": ("template", "Scanner"),
    "secrets": (),
    "statistics": (),
    "string": ("Formatter",),
    "struct": (),
    "textwrap": (),
    "time": ("tzset", "clock_settime", "clock_settime_ns", "pthread_getcpuclockid"),
    "types": ("FunctionType", "LambdaType", "CodeType", "FrameType", "TracebackType", "CellType", "coroutine",
              "DynamicClassAttribute", "new_class", "prepare_class"),
    "typing": ("get_type_hints", "ForwardRef", "evaluate_forward_ref"),
    "unicodedata": (),
    "urllib.parse": (),
    "uuid": ("uuid1", "getnode", "main", "uuid6"),
    "zlib": (),
}  # fmt: skip

# The part of asyncio that means something on the guest's event loop.
ASYNCIO_NAMES = (
    "ALL_COMPLETED", "Barrier", "BoundedSemaphore", "BrokenBarrierError", "CancelledError", "Condition", "Event",
    "FIRST_COMPLETED", "FIRST_EXCEPTION", "Future", "InvalidStateError", "LifoQueue", "Lock", "PriorityQueue",
    "Queue", "QueueEmpty", "QueueFull", "QueueShutDown", "Semaphore", "Task", "TaskGroup", "Timeout",
    "TimeoutError", "all_tasks", "as_completed", "create_task", "current_task", "ensure_future", "gather",
    "get_running_loop", "iscoroutine", "iscoroutinefunction", "isfuture", "run", "shield", "sleep", "timeout",
    "timeout_at", "wait", "wait_for",
)  # fmt: skip

# Special methods and attributes that a class may define and a program may name after a dot.
SPECIAL_NAMES = frozenset(
    f"__{name}__"
    for name in (  # noqa: SIM905 - ten lines instead of a hundred
        "init new del repr str bytes format hash bool eq ne lt le gt ge len length_hint getitem setitem delitem "
        "missing iter next reversed contains call enter exit aenter aexit aiter anext await add sub mul truediv "
        "floordiv mod divmod pow matmul and or xor lshift rshift neg pos abs invert index int float complex round "
        "trunc floor ceil radd rsub rmul rtruediv rfloordiv rmod rdivmod rpow rmatmul rand ror rxor rlshift rrshift "
        "iadd isub imul itruediv ifloordiv imod ipow imatmul iand ior ixor ilshift irshift getattr setattr delattr "
        "get set delete set_name init_subclass class_getitem post_init name qualname doc class slots match_args "
        "copy deepcopy cause context notes version author all members"
    ).split()
)

# Attributes with an underscore that belong to the documented interface of a standard type.
PUBLIC_UNDERSCORE_NAMES = frozenset({"_asdict", "_fields", "_field_defaults", "_make", "_replace"})

# Words of the language as the prompt and the documentation name them.
SYNTAX = (
    "functions, lambdas, closures, decorators, generators", "classes with inheritance, dataclasses, enums",
    "if, for, while, with, match, try/except/finally, except*", "comprehensions, f-strings, walrus, star-arguments",
    "async def, await (also at the top level), async for, async with, asyncio.gather, TaskGroup, timeout",
    "del, global, nonlocal, assert, augmented assignment, annotations, type aliases",
)  # fmt: skip
REFUSED = (
    "imports of anything but the listed modules, and `from x import *`",
    "names and attributes that begin and end with two underscores, but for special methods such as __init__",
    "attributes that begin with an underscore, but on classes that the program defines",
    "attributes of frames, code objects, tracebacks and generators (gi_frame, f_globals, tb_frame, ...)",
    "open, input, eval, exec, compile, globals, locals",
)
