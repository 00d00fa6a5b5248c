"""Every importable module as programs get it: what its public names lead to, two steps deep."""

from tests.play import Play

# Runs without the policy, so that it can look at what it must not find.
WALK = """
import builtins, sys, types
from sandbox import policy
names = sys.modules["sandbox.engines.cpython.guest.namespace"]
import_module = names._BUILTINS["__import__"]
facade = type(import_module("json", fromlist=("loads",)))
absent = ("eval", "exec", "compile", "open", "__import__", "globals", "breakpoint")
closed = [getattr(builtins, name) for name in absent]
kinds = (types.CodeType, types.FrameType, types.TracebackType, types.CellType)
found = []


def judge(path, value):
    if isinstance(value, types.ModuleType) and type(value) is not facade:
        found.append(f"{path}: a module")
    elif isinstance(value, kinds) or any(value is one for one in (*closed, *kinds, types.FunctionType, type)):
        found.append(f"{path}: {value!r}")
    elif isinstance(value, dict) and "__builtins__" in value:
        found.append(f"{path}: a namespace")


seen = 0
for module in policy.MODULES:
    for name, value in vars(import_module(module, fromlist=("x",))).items():
        if name.startswith("_"):
            continue
        judge(f"{module}.{name}", value)
        seen += 1
        for inner in dir(value):
            if not inner.startswith("_"):
                judge(f"{module}.{name}.{inner}", getattr(value, inner, None))
                seen += 1
[seen > 3_000, found]
"""


async def test_no_facade_leads_to_a_module_or_the_interpreter(play: Play) -> None:
    """A name that a module gains with a new Python is judged here before anybody looks at it."""
    played = await play(WALK, guarded=False)

    assert played.value == [True, []]


async def test_the_walk_finds_what_it_looks_for(play: Play) -> None:
    """The same walk over modules as they are: most of them lead on to others."""
    open_walk = WALK.replace("vars(import_module(module", "vars(__import__(module").replace('fromlist=("x",)', "")

    (_, found) = (await play(open_walk, guarded=False)).value

    assert "json.decoder: a module" in found
