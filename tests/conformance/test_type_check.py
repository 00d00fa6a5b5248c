"""What is found in a program without running it; and that nothing is found in programs that run."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.checker.check import check_types
from sandbox.checker.diagnostic import Diagnostic
from sandbox.checker.names import findings_of_names
from sandbox.dispatch import HostFunction
from sandbox.engine import Engine
from sandbox.engines.table import NAMES, make_engine
from sandbox.limits import Limits
from sandbox.turns import Program
from sandbox.types import from_text
from tests.programs import FUNCTIONS, CorpusProgram, corpus

pytestmark = pytest.mark.of_cpython


async def mean(numbers: list[float], how: str = "mean") -> float:
    """Takes what is by value a list of floats."""
    return sum(numbers) / len(how)


KNOWN = {one.name: one for one in map(HostFunction.of, [*FUNCTIONS, mean])}
OUTPUTS = {"int": "int", "str": "str", "float": "float", "bool": "bool", "list": "list", "dict": "dict"}
INPUTS = {
    name: from_text(text)
    for name, text in {
        "orders": "list[dict[str, Any]]",
        "text": "str",
        "limit": "int",
        "names": "list[str]",
        "stock": "dict[str, int]",
    }.items()
}
TYPES = [
    ("limit.upper()", "1:1 missing-attribute Object of type `int` has no attribute `upper`"),
    ("'a' + limit", '1:1 unsupported-operator Operator `+` is not supported between objects of type `Literal["a"]` '
     "and `int`"),
    ("convert(1.5, 'EUR')", "1:1 missing-argument No argument provided for required parameter `target` of function "
     "`convert`"),
    ("send('a', 'b', urgend=True)", "1:16 unknown-argument Argument `urgend` does not match any known parameter of "
     "function `send`"),
    ("1\n(await get_user('7'))['name']", '2:17 invalid-argument-type Argument to function `get_user` is incorrect: '
     'Expected `int`, found `Literal["7"]`'),
    ("get_user(7.5)", "1:10 invalid-argument-type Argument to function `get_user` is incorrect: Expected `int`, found "
     "`float`"),
    ("mean(names)", "1:6 invalid-argument-type Argument to function `mean` is incorrect: Expected `list[float]`, found "
     "`list[str]`"),
    ("user = get_user(1)\nawait get_price('TEA')\nuser['name']", "3:1 not-subscriptable Cannot subscript object of "
     "type `CoroutineType[Any, Any, dict[str, Any]]` with no `__getitem__` method"),
    ("await convert(1.5, 'EUR', 'USD')", "1:7 invalid-await `float` is not awaitable"),
    ("# /// script\n# [tool.ty.rules]\n# all = 'ignore'\n# ///\nlimit.upper()", "5:1 missing-attribute Object of type "
     "`int` has no attribute `upper`"),
]  # fmt: skip
VALUES = [
    ("limit * 2", "str", "1:1 the value of the program is `int`, and its output is declared as `str`"),
    ("a = 1; [\n  limit]", "list[str]", "1:8 the value of the program is `list[int]`, and its output is declared as "
     "`list[str]`"),
    ("print(limit)", "int", "1:1 the value of the program is `None`, and its output is declared as `int`"),
]  # fmt: skip
WITHOUT_FAULT = [
    ("sum([await get_price(n) for n in names])", "float"),
    ("user = get_user(1)\nuser['name']", "str"),
    ("async def main():\n    return (await get_user(1))['name']\nmain()", "str"),
    ("import asyncio\nasync def main():\n    return await get_price('TEA')\nprint(get_price('TEA') + 1)\n"
     "asyncio.run(main())", "float"),
    ("import asyncio\nawait asyncio.gather(*(get_price.aio(n) for n in names))", "list[float]"),
    ("numbers = [1, 2]\nmean(numbers)", "float"),
    ("{'a': [limit]}", "dict[str, list[float]]"),
    ("text = text.split()\nlen(text)", "int"),
    ("best = None\ndef see(n):\n    global best\n    best = n\nsee(3)\nbest + 1", "int"),
    ("if limit > 3:\n    return 'many'\nlimit", "Any"),
    ("def most(x: 'Wrong', y: Optional[int] = None) -> Missing:\n    return x\nmost(3)", "int"),
    ("try:\n    missing\nexcept NameError as error:\n    message = str(error)\nmessage", "str"),
    ("max(stock, key=stock.get)", "str"),
    ("try:\n    reserve('a', 9)\nexcept FunctionError as error:\n    kind = error.type\nkind", "str"),
    ("flyte_map('get_price', names, concurrency=2)", "list[float]"),
    ("limit.upper()  # type: ignore", "str"),
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=NAMES)
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """Each engine, opened once for all programs."""
    engine = make_engine(request.param, workers=1)
    await engine.open()
    yield engine
    await engine.close()


async def found_in(engine: Engine, source: str, output: str = "Any") -> list[Diagnostic]:
    """Return the errors that are found in a program."""
    program = Program(source=source, functions=tuple(one.spec() for one in KNOWN.values()))
    compiled = await engine.compile(program, limits=Limits())
    assert compiled.survey is not None, compiled.error
    checked = check_types(source, compiled.survey, inputs=INPUTS, functions=KNOWN, output=from_text(output))
    assert checked.unchecked is None
    names = findings_of_names(compiled.survey, inputs=INPUTS, functions=KNOWN)
    return [one for one in [*names, *checked.diagnostics] if one.severity == "error"]


@pytest.mark.parametrize("program", corpus(), ids=lambda program: program.name)
@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_is_wrong_with_a_program_that_runs(opened: Engine, program: CorpusProgram) -> None:
    """A false alarm refuses a program that would have run: it costs more than whatever is missed."""
    output = OUTPUTS.get(type(program.value).__name__, "Any")

    assert await found_in(opened, program.source, output) == []


@pytest.mark.parametrize(("source", "output"), WITHOUT_FAULT)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_checkers_do_not_like_and_programs_may_do_is_no_error(
    opened: Engine, source: str, output: str
) -> None:
    """Each of these runs, or may."""
    assert await found_in(opened, source, output) == []


@pytest.mark.parametrize(("source", "expected"), TYPES)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_does_not_fit_is_found_before_it_runs(opened: Engine, source: str, expected: str) -> None:
    """Nothing is found out only when line 40 runs after 39 calls were made."""
    found = await found_in(opened, source)

    assert [f"{one.line}:{one.column} {one.code} {one.message}" for one in found] == [expected]


@pytest.mark.parametrize(("source", "output", "expected"), VALUES)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_value_that_does_not_fit_the_declared_output_is_found(
    opened: Engine, source: str, output: str, expected: str
) -> None:
    """The value is that of the last expression, wherever that stands."""
    found = await found_in(opened, source, output)

    assert [f"{one.line}:{one.column} {one.message}" for one in found] == [expected]


@pytest.mark.asyncio(loop_scope="module")
async def test_names_that_nobody_gives_are_found_with_what_to_write_instead(opened: Engine) -> None:
    """A misspelt function is the most frequent fault of all."""
    found = await found_in(opened, "getuser(1)\nopen('f')\njson.dumps(sortd(names))\nnowhere")

    assert [(one.line, one.column, one.message, one.hint) for one in found] == [
        (1, 1, "name 'getuser' is not defined", 'did you mean "get_user"?'),
        (2, 1, "name 'open' is not defined",
         "there are no files here; call a whitelisted function that gives the content"),
        (3, 1, "name 'json' is not defined", "begin with `import json`"),
        (3, 12, "name 'sortd' is not defined", 'did you mean "sorted"?'),
        (4, 1, "name 'nowhere' is not defined", f"names given to this program: {', '.join([*KNOWN, *INPUTS])}"),
    ]  # fmt: skip
