"""The language policy is closed by default, and its rules stand in one place: what refuses, and what is told of it."""

import pytest

from sandbox import policy
from tests.play import Play

pytestmark = pytest.mark.of_cpython

# Runs without the policy, to look at what enforces it: the nodes of the guest's own Python, and which are refused.
NODES = """
import ast
from sandbox import policy
from sandbox.engines.cpython.guest.transformer import GuestTransformer
kinds = [kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)]
families = {base for kind in kinds for base in kind.__bases__}
refused, visitors = {}, [name.removeprefix("visit_") for name in vars(GuestTransformer) if name.startswith("visit_")]
for kind in kinds:
    if kind not in families:
        judge = GuestTransformer()
        if kind.__name__ not in policy.JUDGED_NODES:
            judge.visit(ast.AST.__new__(kind))
        refused[kind.__name__] = [one.code for one in judge.violations]
"""
BROKEN = {
    "import-not-allowed": ["import sys", "import os.path as p", "from os import path", "from . import x",
                           "from json import *",
                           "from json import decoder", "from json import _default_decoder"],
    "name-not-allowed": ["__builtins__", "__x__ = 1", "def __init__(): pass", "def f(__a__): pass", "f(__a__=1)",
                         "class __A__: pass", "for __x__ in []: pass", "[0 for __x__ in []]", "with f as __x__: pass",
                         "try: pass\nexcept E as __e__: pass", "match 1:\n    case __x__: pass", "type __X__ = int",
                         "def f[__T__](): pass", "def f(): global __x__", "import json as __j__", "lambda __x__: 1",
                         "del __x__", "(__x__ := 1)", "match 1:\n    case [*__x__]: pass"],
    "attribute-not-allowed": ["x.__dict__", "x.__globals__ = 1", "del x.gi_frame", "x.f_locals += 1", "f'{x.__dict__}'",
                              "t'{x.__dict__}'", "t'{x:{x.tb_next}}'", "match 1:\n    case C(_x=1): pass",
                              "match 1:\n    case x.__dict__: pass", "'{}'.format += 1"],
}  # fmt: skip


async def test_a_node_that_nobody_reviewed_is_refused(play: Play) -> None:
    """Every node class of the guest's Python is on one of the two lists, or refused; the lists name no others."""
    refused = (await play(NODES + "refused", guarded=False)).value
    reviewed = policy.PLAIN_NODES | policy.JUDGED_NODES

    assert {name for name, codes in refused.items() if codes == ["syntax-not-allowed"]} == set(refused) - reviewed
    assert reviewed - set(refused) == set()
    assert {"Interactive", "FunctionType", "TypeIgnore"} <= set(refused) - reviewed


async def test_a_node_that_is_judged_is_judged_by_us(play: Play) -> None:
    """The library's visitors allow other things than this policy does."""
    visitors = (await play(NODES + "visitors", guarded=False)).value

    assert policy.JUDGED_NODES - set(visitors) == set()
    assert policy.JUDGED_NODES.isdisjoint(policy.PLAIN_NODES)


@pytest.mark.parametrize(("code", "source"), [(code, one) for code, sources in BROKEN.items() for one in sources])
async def test_a_rule_of_the_policy_is_enforced(play: Play, code: str, source: str) -> None:
    """Wherever a name may stand."""
    error = (await play(source)).error

    assert (error.kind, {one.code for one in error.violations}) == ("policy", {code})


def test_every_rule_of_the_policy_is_broken_by_a_program() -> None:
    """The one that is missing here is about syntax of the future; the nodes above stand for it."""
    assert set(BROKEN) | {"syntax-not-allowed"} == set(policy.RULES)


async def test_template_strings_evaluate_and_format_nothing(play: Play) -> None:
    """They hold values and texts; what is written in them is judged as anywhere."""
    source = "class A:\n    def __format__(self, spec): print('formatted')\nx = t'a{A()!r:>{2 + 3}}b{1 + 1}'\n"
    source += (
        "[x.strings, [(one.expression, one.conversion, one.format_spec) for one in x.interpolations], x.values[1]]"
    )

    played = await play(source)

    assert played.value == [("a", "b", ""), [("A()", "r", ">5"), ("1 + 1", None, "")], 2]
    assert played.output == ""


async def test_a_private_attribute_in_a_template_string_is_guarded(play: Play) -> None:
    """As in an f-string."""
    assert (await play("import json\nt'{json._default_decoder}'")).error.type == "AttributeError"


@pytest.mark.parametrize(
    "source",
    [
        "open('/etc/passwd')",
        "from os import listdir\nlistdir('/')",
        "import socket\nsocket.socket()",
        "import subprocess\nsubprocess.run('ls')",
    ],
)
async def test_without_the_policy_the_other_walls_stand(play: Play, source: str) -> None:
    """The open guest has no files, no network, no processes."""
    assert (await play(source, guarded=False)).error.kind == "runtime"


async def test_without_the_policy_a_program_has_pythons_own_words(play: Play) -> None:
    """That is what it is for."""
    source = (
        "import sys\nspace = {}\nexec('y = 1', space)\n[eval('1 + 1'), space['y'], ().__class__.__name__, sys.platform]"
    )

    assert (await play(source, guarded=False)).value == [2, 1, "tuple", "wasi"]


async def test_without_the_policy_random_numbers_come_from_the_seed(play: Play) -> None:
    """A run without the policy is replayed with its seed, as every run is: the policy decides about words alone."""
    source = "import random\n[random.random(), random.randint(1, 10**9)]"

    drawn = [
        (await play(source, guarded=guarded, seed=seed)).value for guarded, seed in ((False, 1), (False, 2), (True, 1))
    ]

    assert drawn[0] != drawn[1]
    assert drawn[0] == drawn[2]
