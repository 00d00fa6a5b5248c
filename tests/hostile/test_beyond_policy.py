"""The second wall on its own: a program that no policy confines has the guest's Python, and nothing of the host."""

import pytest

from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.execute import execute
from sandbox.start import Start
from sandbox.turns import FunctionSpec, Program, Raised
from tests.play import Play

pytestmark = pytest.mark.of_cpython

# Refused by the guest's own library, which has nothing to ask, or the end of the isolate.
REFUSALS = {
    "FileNotFoundError", "ImportError", "InterpreterAborted", "ModuleNotFoundError", "OSError", "PermissionError",
    "RuntimeError", "AttributeError", "UnsupportedOperation", "NotADirectoryError",
}  # fmt: skip
REACHES = {
    "read a file": "open('/etc/passwd').read()",
    "read a file by its descriptor": "__import__('os').read(3, 100)",
    "read standard input": "__import__('os').read(0, 100)",
    "write a file": "open('/tmp/isthmus-escaped', 'w').write('x')",
    "write to a descriptor": "[__import__('os').write(n, b'x') for n in range(3, 20)]",
    "list a directory": "__import__('os').listdir('/')",
    "look at a file": "__import__('os').stat('/etc/passwd')",
    "make a directory": "__import__('os').mkdir('/tmp/isthmus-escaped')",
    "remove a file": "__import__('os').remove('/etc/passwd')",
    "follow the compiled guest": "__import__('os').readlink('/proc/self/exe')",
    "walk up": "open('../../../../etc/passwd')",
    "TCP": "__import__('socket').create_connection(('127.0.0.1', 80))",
    "UDP": "__import__('socket').socket(type=__import__('socket').SOCK_DGRAM)",
    "resolve a name": "__import__('socket').getaddrinfo('localhost', 80)",
    "start a process": "__import__('subprocess').run(['true'])",
    "a shell": "__import__('os').system('true')",
    "fork": "__import__('os').fork()",
    "execute": "__import__('os').execv('/bin/true', ['true'])",
    "kill": "__import__('os').kill(1, 9)",
    "a thread": "__import__('threading').Thread(target=print).start()",
    "machine code": "__import__('ctypes').CDLL(None)",
    "map memory": "__import__('mmap').mmap(-1, 4096)",
    "import from the host": "__import__('sandbox.engines.cpython.worker')",
    "import a native module of the host": "__import__('wasmtime')",
    "the terminal": "__import__('os').get_terminal_size()",
    "change the directory": "__import__('os').chdir('/tmp')",
}


@pytest.mark.parametrize("name", REACHES)
async def test_a_program_without_policy_reaches_nothing_of_the_host(play: Play, name: str) -> None:
    """What an escape from the language policy gives."""
    played = await play(REACHES[name], guarded=False)

    assert isinstance(played.end, Raised), played.end
    assert played.error.type in REFUSALS


async def test_a_program_without_policy_finds_no_environment(play: Play) -> None:
    """Neither variables nor arguments, nor whose process it is in."""
    played = await play(
        "import os, sys\n[dict(os.environ), [one for one in sys.argv if one], os.getpid()]", guarded=False
    )

    assert played.value[:2] == [{}, []]
    assert played.value[2] in (1, 42)


ESCAPE = """
turns = __import__("sandbox.engines.cpython.guest.turns", fromlist=["x"]).TURNS
"""


def asking_for(function: str) -> str:
    """Return a program that asks for a function in the driver's place, past all that the guest checks."""
    head = f'{{"calls":[[1,"{function}",1]],"waiting":[1],"cancelled":[],"wake_at":null,"memory":1}}'
    return f"{ESCAPE}turns._exchange({head!r} + chr(10) + '[[5],{{}}]')"


@pytest.mark.parametrize("function", ["other", "unknown", "__init__", "print"])
async def test_a_function_that_the_program_does_not_name_is_not_called(engine: Engine, function: str) -> None:
    """The whitelist is checked where the guest cannot reach: the service has `other`, this program was not given it."""
    called: list[int] = []

    def f(x: int) -> int:
        return x

    def other(x: int) -> int:
        called.append(x)
        return x

    finished = await execute(
        engine,
        Start(
            program=Program(source=asking_for(function), functions=(FunctionSpec(name="f"),), guarded=False),
            functions={one.name: one for one in map(HostFunction.of, (f, other))},
            seed=7,
        ),
    )

    assert called == []
    (call,) = finished.calls
    assert (call.function, call.value) == (function, None)
    assert call.failure is not None
    assert call.failure.message == f"function '{function}' is not available; functions of this run: f"


async def test_a_function_that_the_program_names_is_called_whoever_asks(engine: Engine) -> None:
    """The test above would hold for a service that calls nothing at all."""
    called: list[int] = []

    def f(x: int) -> int:
        called.append(x)
        return x

    await execute(
        engine,
        Start(
            program=Program(source=asking_for("f"), functions=(FunctionSpec(name="f"),), guarded=False),
            functions={"f": HostFunction.of(f)},
            seed=7,
        ),
    )

    assert called == [5]
