"""What a result is known by: everything that decides it, and nothing else."""

import dataclasses
from typing import Any

import pytest

from sandbox import Cache, File, NativeInterface
from sandbox.cache import Identity, key_of, shape_of
from sandbox.errors import ValueRejected
from sandbox.limits import MIB, Limits
from sandbox.turns import CompiledCode, FunctionSpec, Program, Reuse

PROGRAM = Program(source="x + 1")
IDENTITY = Identity(program=PROGRAM, engine="cpython", engine_version="3.14.0+sha256:1", limits=Limits())
SHAPE = shape_of(NativeInterface.from_types({"x": int, "now": float}, {"o0": int}))
INPUTS = {"x": 1, "now": 2.0}


def key(cache: Cache | None = None, **changes: Any) -> str:
    """The key of one run, with something changed."""
    given: dict[str, Any] = {"name": "t", "shape": SHAPE, "version": IDENTITY.version(), "inputs": INPUTS, **changes}
    return key_of(cache or Cache("auto"), **given)


def test_the_same_run_has_the_same_key() -> None:
    """Also where its inputs are handed over in another order, under another name of the template, and compiled."""
    code = CompiledCode(text="...", binding="sha256:2")
    compiled = dataclasses.replace(IDENTITY, program=dataclasses.replace(PROGRAM, compiled=code))

    assert key(inputs={"now": 2.0, "x": 1}, name="u", version=compiled.version()) == key()


def test_whose_isolates_are_kept_is_no_part_of_the_key() -> None:
    """That is another owner in every process; that they are kept is part of it."""

    def version(**changes: Any) -> str:
        return dataclasses.replace(IDENTITY, program=dataclasses.replace(PROGRAM, **changes)).version()

    terms = {"fewest": 1, "most": 2, "idle_seconds": 30.0, "scaledown_seconds": 30.0}
    first, second = (Reuse(owner=owner, **terms) for owner in "ab")  # type: ignore[arg-type]  # each has its own type

    assert version(reuse=first) == version(reuse=second) != version()
    assert version(interruptible=True) == version()


@pytest.mark.parametrize(
    "changes",
    [
        {"program": dataclasses.replace(PROGRAM, source="x + 100")},
        {"program": dataclasses.replace(PROGRAM, functions=(FunctionSpec(name="f"),))},
        {"program": dataclasses.replace(PROGRAM, guarded=False)},
        {"program": dataclasses.replace(PROGRAM, stack_depth=64)},
        {"program": dataclasses.replace(PROGRAM, tenant="b")},
        {"program": dataclasses.replace(PROGRAM, env_vars={"A": "1"})},
        {"engine": "monty"},
        {"engine_version": "3.14.0+sha256:2"},
        {"functions": {"f": "sha256:3"}},
        {"constants": {"RATE": 0.2}},
        {"limits": Limits(memory_bytes=128 * MIB)},
        {"limits": Limits(value_bytes=20 * MIB)},
        {"more": ("commit 1",)},
    ],
)
def test_whatever_decides_what_a_program_does_is_part_of_the_key(changes: dict[str, Any]) -> None:
    """A part that were left out would be a wrong answer some day."""
    assert dataclasses.replace(IDENTITY, **changes).version() != IDENTITY.version()


def test_limits_that_a_program_cannot_catch_are_no_part_of_the_key() -> None:
    """A run that completed would have completed under any of them, or not at all."""
    other = Limits(fuel=10**12, cpu_seconds=60.0, wall_seconds=60.0, output_bytes=0, calls=5, concurrent_calls=1)

    assert dataclasses.replace(IDENTITY, limits=other).version() == IDENTITY.version()


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": {"x": 2, "now": 2.0}},
        {"inputs": {"x": True, "now": 2.0}},
        {"inputs": {"x": 1.0, "now": 2.0}},
        {"inputs": {"x": 1}},
        {"namespace": "tenant"},
        {"given": [7]},
        {"cache": Cache("auto", salt="v2")},
        {"cache": Cache("auto", version_override="v1")},
        {"shape": shape_of(NativeInterface.from_types({"x": int, "now": float}, {"o0": float}))},
        {"shape": shape_of(NativeInterface.from_types({"x": int, "now": float}, {"o0": int}, {"now": 1.0}))},
    ],
)
def test_inputs_and_interface_are_part_of_the_key(changes: dict[str, Any]) -> None:
    """By type as well as by value: a program sees the difference between 1 and True."""
    assert key(**changes) != key()


def test_ignored_inputs_are_no_part_of_the_key() -> None:
    """That is what they are named for."""
    cache = Cache("auto", ignored_inputs="now")

    assert key(cache) == key(cache, inputs={"x": 1, "now": 3.0})
    assert key(cache) != key(cache, inputs={"x": 2, "now": 2.0})


def test_a_version_of_ones_own_belongs_to_the_templates_name() -> None:
    """What runs is no part of the key then, so that the name has to tell templates apart, as in Flyte."""
    cache = Cache("auto", version_override="v1")

    assert key(cache, version=None) == key(cache, version="sha256:9")
    assert key(cache, version=None) != key(cache, version=None, name="u")
    assert key(cache, version=None) != key(Cache("auto", version_override="v2"), version=None)


def test_a_file_is_known_by_the_digest_of_its_content() -> None:
    """Wherever it stands, and in every process, although what crosses is signed with this one's key."""
    first, second = File("s3://a", hash="1"), File("s3://b", hash="1")

    assert key(inputs={"x": [first]}) == key(inputs={"x": [second]})
    assert key(inputs={"x": [first]}) != key(inputs={"x": [File("s3://a", hash="2")]})


@pytest.mark.parametrize("value", [File("s3://a"), [1, {"a": File("s3://a")}], range(3)])
def test_what_cannot_be_told_has_no_key(value: Any) -> None:
    """A file without a digest may hold something else tomorrow."""
    with pytest.raises(ValueRejected):
        key(inputs={"x": value})


def test_text_that_looks_like_a_file_is_text() -> None:
    """A program's dictionary with that key crosses in another way."""
    assert key(inputs={"x": {"$handle": ["File", "{}", ""]}}) != key(inputs={"x": '"$handle":'})
