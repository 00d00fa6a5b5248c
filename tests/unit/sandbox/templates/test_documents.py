"""Templates as documents: what another process runs the same from, and what a document cannot carry."""

import datetime
import enum
import json
from collections.abc import Callable
from dataclasses import dataclass
from types import NoneType, SimpleNamespace
from typing import Any

import pytest

from sandbox import Backoff, Cache, CodeTaskTemplate, Limits, RetryStrategy, SandboxedConfig, Timeout
from sandbox.errors import ImageNotBuilt
from sandbox.extend import document_text, template_of_text
from sandbox.orchestrator import unchecked
from tests.unit.sandbox.templates import shelf

PRICE = f"{shelf.__name__}:price"
SHOUT = f"{shelf.__name__}:shout"


def template(source: str = "x", **parameters: Any) -> CodeTaskTemplate:
    """A template whose source nobody looks at."""
    given = {"inputs": {"x": int}, "output": int, "tasks": None, "name": "t", **parameters}
    return unchecked(source, **given)


def changed(document: str, **members: Any) -> str:
    """A document with other members."""
    return json.dumps({**json.loads(document), **members})


def test_a_template_is_read_as_it_was_written() -> None:
    """What holds in one process holds in the other: limits, policy, attempts, time, cache, environment, secrets."""
    inner = template("shout(text)", name="inner", inputs={"text": str}, output=str, tasks=[shelf.shout])
    made = template(
        "\n\n  sum(price(sku) for sku in skus) * factor",
        name="total",
        inputs={"skus": list[str], "factor": float, "when": datetime.date | None},
        output=float,
        tasks=[shelf.price, inner],
        plugin_config=SandboxedConfig(max_memory=2**24, timeout_ms=500, max_stack_depth=64, policy="open"),
        limits={"calls": 5},
        max_inline_io_bytes=2_000,
        env_vars={"REGION": "north"},
        secrets="token",
        retries=RetryStrategy(2, Backoff(datetime.timedelta(seconds=1), 2.0, datetime.timedelta(seconds=9))),
        timeout=Timeout(max_runtime=3, deadline=20),
        cache=Cache("auto", ignored_inputs=("when",), salt="s", max_age=60),
        docs="Prices.",
    )

    read = template_of_text(document_text(made), allowed=[PRICE, SHOUT])

    same = ("name", "docs", "env_vars", "retries", "timeout", "cache", "max_inline_io_bytes", "engine")
    assert {field: getattr(read, field) for field in same} == {field: getattr(made, field) for field in same}
    assert (read.source_as_sent, read.source_digest) == (made.source_as_sent, made.source_digest)
    assert (read.effective_limits, read.secret_requests) == (made.effective_limits, made.secret_requests)
    assert read.json_schema == made.json_schema
    assert (read.plugin_config.policy, read.plugin_config.max_stack_depth) == ("open", 64)
    assert read._user_functions["price"] is shelf.price
    assert document_text(read) == document_text(made)


def test_defaults_and_constants_cross_as_values() -> None:
    """A tuple stays one, in a default as in what a function uses of its module."""
    interface = template().interface.from_types({"pair": tuple[int, int]}, {"o0": Any}, {"pair": (1, 2)})
    made = CodeTaskTemplate(
        name="t", interface=interface, _user_source="(pair, RATES)", _user_constants={"RATES": {"a": (0.5, None)}}
    )

    read = template_of_text(document_text(made))

    assert read.interface.inputs["pair"][1] == (1, 2)
    assert read._user_constants == {"RATES": {"a": (0.5, None)}}


class Colour(enum.Enum):
    """A type of this module."""

    RED = 1


@dataclass
class Order:
    """Another one."""

    sku: str


class Hooked(CodeTaskTemplate):
    """A template with Python code of its own."""


def local() -> Callable[[], int]:
    """A function that nobody can import."""

    def hidden() -> int:
        return 1

    return hidden


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            lambda: template(inputs={"x": Colour}),
            "the input 'x' has the type Literal['RED'], which only a module of yours can make: declare a dictionary "
            "or a built-in type",
        ),
        (lambda: template(output=Order), "the output has the type "),
        (
            lambda: template(tasks=[local()]),
            f"the function 'hidden' is not found again as {__name__}:local.<locals>.hidden: define it at the top of a "
            "module, by its name",
        ),
        (
            lambda: Hooked(name="h", interface=template().interface),
            "'h' is of the class Hooked, which is Python code, and a document carries none: export the template of a "
            "source, from orchestrator_from_str",
        ),
        (
            lambda: shelf.price,
            "'shelf.price' is of the class AsyncFunctionTaskTemplate, which is Python code, and a document ",
        ),
        (
            lambda: template(report=True),
            "report of 't' cannot be exported: a report is no part of what a run elsewhere answers: "
            "override(report=False)",
        ),
        (
            lambda: template(cache=Cache("auto", policies=[_Policy()])),
            "cache of 't' has policies, which are Python code: pass a version_override instead",
        ),
    ],
)
def test_what_a_document_cannot_carry_is_refused_when_it_is_asked_for(
    made: Callable[[], CodeTaskTemplate], message: str
) -> None:
    """Not in the other process, by something that is missing there."""
    exported = made()
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the text is compared
        document_text(exported)

    assert str(refused.value).startswith(message)


class _Policy:
    def get_version(self, salt: str, params: Any) -> str:  # noqa: ARG002 - of the protocol
        return "1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "a template's document is JSON, and this is none"),
        ("[" * 100_000, "a template's document is JSON, and this is none"),
        ("[]", 'a template\'s document is an object with "format": "isthmus-template/1"'),
        ('{"format": "isthmus-template/1"}', "a template's document of another version, or changed by hand: cache, "),
        (
            changed(document_text(template()), source="x + 1"),
            "the source of 't' is another than the one whose digest its document has",
        ),
        (changed(document_text(template()), image="auto"), "image is none that a document describes"),
        (changed(document_text(template()), image={"reference": "x", "packages": []}), "image is none that a document"),
        (changed(document_text(template()), functions=[]), "a template's document was changed by hand: 'list' object"),
        (changed(document_text(template()), constants="{"), "a value of a template's document is not a value of the "),
        (
            changed(document_text(template()), limits={"calls": -1}),
            "limit 'calls' must be a whole number from 0 to 1,000,000, not -1",
        ),
        (
            changed(document_text(template()), functions={"system": "os:system"}),
            "the template calls os:system, which is not among the functions that may be imported: none",
        ),
    ],
)
def test_what_is_no_document_is_refused(text: str, message: str) -> None:
    """A document comes from outside: nothing of it is believed, and nothing of it names what is imported."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the text is compared
        template_of_text(text)

    assert str(refused.value).startswith(message)


def test_an_image_that_is_not_here_is_told_with_what_builds_it() -> None:
    """The command is for a person to run: nothing stands in it but packages and their versions."""
    reference = f"sha256:{'0' * 64}"
    packages = ["one==1.0", "two", "three==1; rm -r /", "-e==1 x", 4, "four-4==2.0+local"]
    document = changed(document_text(template()), image={"reference": reference, "packages": packages})

    with pytest.raises(ImageNotBuilt) as refused:
        template_of_text(document)

    assert str(refused.value) == (
        f"the guest image {reference} is not here: isthmus image build one==1.0 four-4==2.0+local"
    )


@pytest.mark.parametrize("path", ["nowhere:f", f"{shelf.__name__}:missing", f"{shelf.__name__}:env", "os", "os:path:x"])
def test_a_function_that_is_not_there_is_named(path: str) -> None:
    """Also where it is allowed."""
    text = changed(document_text(template()), functions={"f": path})
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the text is compared
        template_of_text(text, allowed=[path])

    assert str(refused.value) == (
        f"there is no function {path}: write module:name, of a module that can be imported here"
    )


def test_the_command_line_names_document_places_and_functions() -> None:
    """All that a container needs, and the functions that it may import."""
    made = template("price(str(x))", tasks=[shelf.price])

    arguments = made.container_args(None)

    assert arguments == [
        *("isthmus", "execute", "--template", document_text(made)),
        *("--inputs", "{{.input}}", "--output", "{{.outputPrefix}}", "--function", PRICE),
    ]


def test_a_template_that_is_too_long_for_a_command_line_needs_a_bundle() -> None:
    """Linux would refuse it when the container starts."""
    with pytest.raises(ValueError, match=r"^'t' takes more than the 100,000 bytes that an argument may have: write a"):
        template(f"'{'x' * 100_000}'").container_args(None)


def test_the_limits_are_those_of_the_template() -> None:
    """A template that says nothing has the defaults of one, not those of `Limits`."""
    made = template(inputs={}, output=NoneType)

    read = template_of_text(document_text(made))

    assert read.effective_limits == made.effective_limits
    assert read.effective_limits != Limits()


class _FlyteBundle:
    """As Flyte's own are: the version is no digest of ours."""

    tgz = "s3://bucket/fast/abc.tar.gz"
    computed_version = "q3Zx_9-w"


def test_a_bundle_of_somebody_elses_is_refused_when_the_command_line_is_made() -> None:
    """A container that starts and fails is found later."""
    with pytest.raises(
        ValueError, match=r"^code_bundle is none that isthmus execute reads: sandbox.extend.write_code_b"
    ):
        template().container_args(SimpleNamespace(code_bundle=_FlyteBundle(), input_path="i", output_path="o"))


def test_what_is_no_template_is_not_exported() -> None:
    """Said by its name."""
    with pytest.raises(TypeError, match=r"^a sandboxed template can be exported, not 3$"):
        document_text(3)


def outcome(text: str) -> str:
    """What became of a document; any other exception gets out."""
    try:
        template_of_text(text)
    except (ValueError, TypeError):
        return "refused"
    return "read"


MEMBERS = [name for name in json.loads(document_text(template())) if name != "format"]


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("value", [None, 3, -1.5, True, "x", [], [[]], ["x"], {}, {"a": 1}, {"a": {}}, [{"name": "x"}]])
def test_a_document_of_any_content_is_read_or_refused(member: str, value: Any) -> None:
    """Whatever stands in it, no other exception gets out, and what is read is a template."""
    became = outcome(changed(document_text(template()), **{member: value}))

    assert became in ("read", "refused")
