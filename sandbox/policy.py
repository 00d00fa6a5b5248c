"""The language policy as data: what guest source may say.

One list, three readers: the transformer in the guest enforces it, the prompt given to models prints it, and
`docs/guest-python.md` is checked against it. Whatever is not listed is refused, so that new syntax, new builtins
and new modules stay closed until somebody reviewed them. This module is also part of the guest: it imports nothing.
"""

# Builtins that a program sees under their own name and unchanged.
BUILTINS = (
    "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "BaseExceptionGroup", "BlockingIOError",
    "BrokenPipeError", "BufferError", "BytesWarning", "ChildProcessError", "EncodingWarning", "EnvironmentError",
    "IOError", "ImportWarning", "IndentationError", "IsADirectoryError", "NotADirectoryError",
    "PendingDeprecationWarning", "ProcessLookupError", "ResourceWarning", "SyntaxWarning", "SystemError", "TabError",
    "UnicodeTranslateError", "UnicodeWarning",
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
# text as code, follows attribute names given as text, makes code objects, opens files, or touches the interpreter.
MODULES: dict[str, tuple[str, ...]] = {
    "abc": ("get_cache_token", "update_abstractmethods"),
    "array": (),
    "asyncio": (),
    "base64": ("decode", "encode", "main"),
    "binascii": (),
    "bisect": (),
    "calendar": ("main",),
    "cmath": (),
    "collections": (),
    "collections.abc": (),
    "colorsys": (),
    "configparser": (),
    "contextlib": ("chdir", "redirect_stderr"),
    "copy": (),
    "csv": (),
    "dataclasses": (),
    "datetime": (),
    "decimal": (),
    "difflib": (),
    "enum": ("global_enum", "global_enum_repr", "global_flag_repr", "global_str", "pickle_by_enum_name",
             "pickle_by_global_name", "property"),
    "fnmatch": (),
    "fractions": (),
    "functools": ("singledispatchmethod",),
    "graphlib": (),
    "gzip": ("GzipFile", "main", "open"),
    "hashlib": ("file_digest",),
    "heapq": (),
    "hmac": (),
    "html": (),
    "html.parser": (),
    "http": (),
    "io": ("BufferedRandom", "BufferedReader", "BufferedRWPair", "BufferedWriter", "FileIO", "TextIOWrapper", "open",
           "open_code", "text_encoding", "IncrementalNewlineDecoder"),
    "ipaddress": (),
    "itertools": (),
    "json": ("load", "dump"),
    "keyword": (),
    "math": (),
    "numbers": (),
    "operator": (),
    "os": (),
    "pprint": (),
    "queue": (),
    "random": (),
    "re": ("template", "Scanner"),
    "reprlib": (),
    "secrets": (),
    "shlex": ("shlex",),
    "statistics": (),
    "string": (),
    "struct": (),
    "textwrap": (),
    "time": ("tzset", "clock_settime", "clock_settime_ns", "pthread_getcpuclockid"),
    "tomllib": ("load",),
    "types": ("FunctionType", "LambdaType", "CodeType", "FrameType", "TracebackType", "CellType", "coroutine",
              "DynamicClassAttribute", "new_class", "prepare_class"),
    "typing": ("ForwardRef", "evaluate_forward_ref"),
    "unicodedata": (),
    "urllib.parse": (),
    "uuid": ("uuid1", "getnode", "main", "uuid6"),
    "warnings": ("deprecated", "formatwarning", "showwarning", "warn_explicit"),
    "weakref": ("CallableProxyType", "ProxyType", "ProxyTypes", "ReferenceType", "WeakMethod", "getweakrefcount",
                "getweakrefs"),
    "xml.etree.ElementTree": ("ElementTree", "XMLParser", "XMLPullParser", "dump", "iterparse", "parse"),
    "zlib": (),
    "zoneinfo": ("TZPATH", "reset_tzpath"),
}  # fmt: skip

_NO_FILES = "there are no files here; call a whitelisted function that gives the content, or pass it under `inputs`"
_NO_NETWORK = "there is no network here; call a whitelisted function that asks for it"
_NO_THREADS = "there are no threads and processes here; make calls in parallel with asyncio.gather"
_NO_INTERPRETER = "the interpreter cannot be reached from a program; write the code itself"
_OF_OS = (
    "there are no files and processes here; os has environ and getenv only. Pass the value under `inputs`, or call a "
    "whitelisted function that gives it"
)
_NO_PACKAGES = "packages are not installed here; use lists, dictionaries, statistics and collections"

# Modules that are not there, and what to write instead: the hint of the refused import. Others get the nearest name.
ABSENT_MODULES: dict[str, str] = {
    **dict.fromkeys(("fileinput", "glob", "linecache", "mmap", "pathlib", "shutil", "tempfile"),
                    _NO_FILES),
    **dict.fromkeys(("aiohttp", "ftplib", "http.client", "http.server", "httpx", "requests", "select", "selectors",
                     "smtplib", "socket", "ssl", "urllib.request", "urllib3", "websockets", "xmlrpc"), _NO_NETWORK),
    **dict.fromkeys(("concurrent", "concurrent.futures", "multiprocessing", "sched", "signal", "subprocess", "_thread",
                     "threading"), _NO_THREADS),
    **dict.fromkeys(("ast", "builtins", "code", "codecs", "codeop", "ctypes", "dis", "gc", "importlib", "inspect",
                     "marshal", "pdb", "pkgutil", "runpy", "symtable", "timeit", "tokenize"), _NO_INTERPRETER),
    **dict.fromkeys(("attr", "attrs", "matplotlib", "numpy", "pandas", "polars", "scipy", "sklearn"), _NO_PACKAGES),
    **dict.fromkeys(("functions", "tools"), "the functions of this run are there without an import: call f(x), not "
                    "m.f(x)"),
    "argparse": "a program has no command line; pass the values under `inputs`",
    "bs4": "use html.parser",
    "click": "a program has no command line; pass the values under `inputs`",
    "dateutil": "use datetime and zoneinfo; datetime.fromisoformat reads ISO 8601",
    "doctest": "use assert",
    "dotenv": "read os.environ; what it holds is given with the program, under `env_vars`",
    "email": "build the text itself, or call a whitelisted function that sends messages",
    "getpass": "nobody can answer here; pass the value under `inputs`",
    "locale": "use format specifications such as f\"{n:,.2f}\"",
    "logging": "use print; what is printed comes back with the answer",
    "lxml": "use xml.etree.ElementTree",
    "nest_asyncio": "leave it out; `await` works at the top level, and so does asyncio.run(main())",
    "orjson": "use json",
    "os.path": _OF_OS,
    "pickle": "use json, or return the value itself",
    "platform": "use a constant; programs see nothing of the machine",
    "pydantic": "use dataclasses",
    "pytest": "use assert",
    "pytz": "use zoneinfo",
    "simplejson": "use json",
    "sqlite3": "use lists and dictionaries; call a whitelisted function for a database",
    "sys": "let the program end, or raise an exception; inputs are variables, and print writes to the answer",
    "traceback": "use repr(error); an uncaught exception is reported with its frames",
    "typing_extensions": "use typing",
    "ujson": "use json",
    "unittest": "use assert",
    "yaml": "use json or tomllib",
}  # fmt: skip

# Members that programs ask for and that are hidden or not there -> what to write instead: part of the hint.
ABSENT_MEMBERS = {
    "asyncio.get_event_loop": "write `await main()` at the top level, or asyncio.run(main())",
    "asyncio.new_event_loop": "write `await main()` at the top level, or asyncio.run(main())",
    "asyncio.set_event_loop": "write `await main()` at the top level, or asyncio.run(main())",
    "asyncio.to_thread": "there are no threads; call the function itself, or `await f.aio(...)` for several at once",
    **dict.fromkeys(("datetime.now", "datetime.utcnow", "datetime.today", "datetime.strptime", "datetime.fromisoformat",
                     "datetime.fromtimestamp"), "the class of the module is meant: begin with `from datetime import "
                    "datetime`"),
    "json.dump": "there are no files; json.dumps(value) gives the text",
    "json.load": "there are no files; json.loads(text) reads a text",
    **dict.fromkeys(("os.path", "os.chdir", "os.getcwd", "os.listdir", "os.makedirs", "os.mkdir", "os.remove",
                     "os.stat", "os.system", "os.walk"), _OF_OS),
    "os.urandom": "use secrets.token_bytes(n)",
    "time.clock": "use time.perf_counter()",
}  # fmt: skip

# Characters that look like Python and are not -> what to write instead: the hint of the SyntaxError.
LOOKALIKES = {
    "\u201c": "a straight quotation mark: \"", "\u201d": "a straight quotation mark: \"",
    "\u201e": "a straight quotation mark: \"", "\u00ab": "a straight quotation mark: \"",
    "\u00bb": "a straight quotation mark: \"", "\u2018": "a straight apostrophe: '",
    "\u2019": "a straight apostrophe: '", "\u00b4": "a straight apostrophe: '",
    "\u00a0": "an ordinary space", "\u202f": "an ordinary space",
    "\u3000": "an ordinary space", "\u2003": "an ordinary space", "\u2009": "an ordinary space",
    "\u200b": "nothing", "\u200c": "nothing", "\u200d": "nothing", "\u2060": "nothing", "\ufeff": "nothing",
    "\u2013": "a minus: -", "\u2014": "a minus: -", "\u2212": "a minus: -", "\u00d7": "an asterisk: *",
    "\u00f7": "a slash: /", "\u2026": "three dots: ...", "\u2260": "!=", "\u2264": "<=", "\u2265": ">=",
    "\u2192": "->", "\uff08": "(", "\uff09": ")", "\uff0c": "a comma: ,", "\uff1a": "a colon: :",
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
# What there is of `os`: what the host handed over as environment variables, nothing of the machine.
OS_NAMES = ("environ", "getenv")
# Modules of which only these names are there.
ONLY_NAMES = {"asyncio": ASYNCIO_NAMES, "os": OS_NAMES}

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
        "subclasshook instancecheck subclasscheck copy deepcopy cause context notes version author all members"
    ).split()
)

# Attributes with an underscore that belong to the documented interface of a standard type.
PUBLIC_UNDERSCORE_NAMES = frozenset({"_asdict", "_fields", "_field_defaults", "_make", "_replace"})

# Names that every program has beside Python's own.
GIVEN = ("FunctionError", "OutcomeUnknown", "flyte_map")

# Words of the language as the prompt and the documentation name them.
SYNTAX = (
    "functions, lambdas, closures, decorators, generators", "classes with inheritance, dataclasses, enums",
    "if, for, while, with, match, try/except/finally, except*", "comprehensions, f-strings, walrus, star-arguments",
    "async def, await (also at the top level), async for, async with, asyncio.gather, TaskGroup, timeout",
    "del, global, nonlocal, assert, augmented assignment, annotations, type aliases, t-strings",
)  # fmt: skip

# What is refused before anything runs: the code of the violation -> the rule.
RULES = {
    "import-not-allowed": "imports of anything but the listed modules, and `from x import *`",
    "name-not-allowed": "names that begin and end with two underscores, but for `__name__`, and special methods "
    "such as `__init__` in a class",
    "attribute-not-allowed": "attributes that begin and end with two underscores, but for special methods; "
    "attributes of frames, code objects, tracebacks and generators (`gi_frame`, `f_globals`, `tb_frame`, ...)",
    "syntax-not-allowed": "syntax that nobody has reviewed yet",
}
# What is refused while the program runs.
REFUSED = (
    "attributes that begin with an underscore, but on classes that the program defines",
    "open, input, eval, exec, compile, globals, locals",
)

# Kinds of syntax, by the name of their node: everything else is refused until somebody has reviewed it.
PLAIN_NODES = frozenset(
    (  # noqa: SIM905 - six lines instead of a hundred
        "Module Expr Expression Constant List Tuple Set Dict ListComp SetComp DictComp GeneratorExp comprehension "
        "BinOp UnaryOp BoolOp Compare IfExp Call Subscript Slice Starred NamedExpr JoinedStr FormattedValue Lambda "
        "Add Sub Mult Div FloorDiv Mod Pow MatMult LShift RShift BitOr BitXor BitAnd UAdd USub Not Invert And Or "
        "Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn Load Store Del Assign AnnAssign Delete Pass Break Continue If For "
        "While With withitem Try TryStar Raise Assert Return Yield YieldFrom arguments alias Await AsyncFor AsyncWith "
        "match_case MatchValue MatchSingleton MatchSequence MatchOr TypeAlias TemplateStr Interpolation"
    ).split()
)
# Those that the transformer looks into: names, attributes and imports stand in them.
JUDGED_NODES = frozenset(
    (  # noqa: SIM905 - as above
        "Name Attribute AugAssign Import ImportFrom Global Nonlocal ClassDef FunctionDef AsyncFunctionDef arg keyword "
        "ExceptHandler Match MatchAs MatchStar MatchMapping MatchClass TypeVar ParamSpec TypeVarTuple"
    ).split()
)

# What is done for a program beside running it as it stands, and what a program that gave None should rather say:
# code -> text. Nothing of it is silent: each is a note in the answer, with its line.
NOTES = {
    "fence-removed": "the markdown fence around the code was removed: send the code alone",
    "prose-removed": "the text outside of the fenced code was left out: send the code alone",
    "indentation-removed": "the indentation of the whole program was removed: begin its lines in the first column",
    "mark-removed": "the byte-order mark in front of the program was removed",
    "return-at-top": "`return` outside of a function ended the program, and its value is the answer: write the "
    "expression alone, as the last line",
    "main-block": 'the answer is the value of the last expression under `if __name__ == "__main__":`, which is always '
    "true here: write it without the `if`",
    "run-awaited": "the program awaits at the top level, so its event loop runs already: `asyncio.run(...)` was read "
    "as `await ...`",
    "import-left-out": "the functions of this run are there already: their import was left out",
    "coroutine-awaited": "the last expression gave a coroutine, which was awaited: write `await` in front of it",
    "never-awaited": "an async function was called and its coroutine never awaited, so it never ran: write `await` in "
    "front of the call",
    "last-assigns": "the last statement assigns its value to a name, so the answer is None: write the name alone on a "
    "line below it",
    "last-prints": "the last statement prints, and `print` gives None, so the answer is None: write what is printed "
    "alone, without `print(...)`",
    "last-in-block": "the last expression stands in a block, so the answer is None: assign it to a name there, and "
    "write the name alone as the last line of the program",
    "last-returns-none": "the function that the last line calls returns nothing, so the answer is None: let it end "
    "with `return` and the value",
    "never-called": "this function is never called, so the answer is None: call it on the last line, as in "
    "`main()`, or `await main()` when it is async",
}
# More notes than this come from no driver of ours.
MAX_NOTES = 64
