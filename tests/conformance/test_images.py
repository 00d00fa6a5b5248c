"""Guest images: what programs of an image can do, what others cannot, and that each is built once."""

import asyncio
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.dispatch import HostFunction
from sandbox.engine import Engine, version_for
from sandbox.engines.cpython.image_builds import build_image, image_of
from sandbox.errors import ImageNotBuilt, ImageRefused, ImageToolsMissing, MisuseError
from sandbox.execute import execute
from sandbox.extend import ImageBuildEngine
from sandbox.images.kept import KeptImage
from sandbox.limits import Limits
from sandbox.options import Image
from sandbox.start import Start
from sandbox.turns import Program, Raised, Returned
from tests.guest_images import PACKAGES, dates, program, with_images
from tests.packaging import look_only_into, make_source_distribution, make_wheel
from tests.play import NOW

__all__ = ["dates", "with_images"]

USING = """
from datetime import date, datetime
import more_itertools as mi
from dateutil import tz
from dateutil.parser import parse
from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, rrule
[
    parse("3 Jan 2024 10:00 +02:00").isoformat(),
    (date(2024, 1, 31) + relativedelta(months=1)).isoformat(),
    [one.day for one in rrule(MONTHLY, count=3, dtstart=datetime(2024, 1, 31))],
    datetime(2024, 7, 1, tzinfo=tz.gettz("Europe/Berlin")).isoformat(),
    list(mi.chunked(range(5), 2)),
]
"""


async def ends(engine: Engine, source: str, image: KeptImage | None, seed: int = 7) -> Returned | Raised:
    asked = Program(source=source) if image is None else program(source, image)
    end = await engine.execution(asked, limits=Limits(), seed=seed).start({}, now=NOW)
    assert isinstance(end, Returned | Raised), end
    return end


async def test_a_program_of_an_image_uses_its_packages(with_images: Engine, dates: KeptImage) -> None:
    """Code, and the files that a package reads: the rules of time zones lie in one of its own."""
    end = await ends(with_images, USING, dates)

    assert isinstance(end, Returned), end
    assert end.value == [
        "2024-01-03T10:00:00+02:00",
        "2024-02-29",
        [31, 31, 31],
        "2024-07-01T00:00:00+02:00",
        [[0, 1], [2, 3], [4]],
    ]


async def test_a_program_without_the_image_cannot_import_them(with_images: Engine, dates: KeptImage) -> None:
    """Not even where workers of the image run beside."""
    await ends(with_images, USING, dates)
    end = await ends(with_images, "import more_itertools", None)

    assert isinstance(end, Raised)
    assert end.error.message == 'line 1: module "more_itertools" cannot be imported'


async def test_the_same_program_does_the_same_on_an_image(with_images: Engine, dates: KeptImage) -> None:
    """Value and fuel: packages were imported while the image was built, so that no clock or seed reaches that."""
    source = "import random\nfrom more_itertools import chunked\n[random.random(), list(chunked({'a', 'b', 'c'}, 2))]"
    first, again, other = [await ends(with_images, source, dates, seed) for seed in (7, 7, 8)]

    assert isinstance(first, Returned)
    assert isinstance(again, Returned)
    assert isinstance(other, Returned)
    assert (first.value, first.spent.fuel) == (again.value, again.spent.fuel)
    assert first.value[0] != other.value[0]


async def test_a_journal_names_the_image(with_images: Engine, dates: KeptImage) -> None:
    """Its packages are part of what the program is, and the very component is part of the engine's version."""

    async def add(x: int, y: int) -> int:
        return x + y

    source = "import more_itertools\nadd(1, 2)"
    function = HostFunction.of(add)
    on_image = Program(source=source, functions=(function.spec(),), image=dates.reference)
    start = Start(program=on_image, functions={"add": function}, limits=Limits(), seed=7)

    finished = await execute(with_images, start)

    assert finished.value == 3
    assert finished.journal is not None
    assert finished.journal.header.engine_version == f"3.14.0+{dates.guest_digest}"
    assert version_for(with_images, on_image) == f"3.14.0+{dates.guest_digest}" != with_images.version
    elsewhere = Start(program=Program(source=source, functions=(function.spec(),)), limits=Limits(), seed=7)
    with pytest.raises(MisuseError, match="the journal is that of another program"):
        await execute(with_images, elsewhere, journal=finished.journal)


async def test_an_image_that_is_not_here_is_named(with_images: Engine) -> None:
    """When a program asks for it, with those that are here."""
    missing = Program(source="1", image="sha256:" + "0" * 64)

    with pytest.raises(ImageNotBuilt, match=r"^there is no guest image 'sha256:0{64}' here; "):
        await with_images.execution(missing, limits=Limits(), seed=7).start({}, now=NOW)
    with pytest.raises(ImageNotBuilt, match=r"^there is no guest image 'sha256:0{64}' here; "):
        await with_images.compile(missing, limits=Limits())


async def test_programs_of_an_image_that_begin_together_share_its_workers(
    with_images: Engine, dates: KeptImage
) -> None:
    """They are started once, by whoever comes first; one that gives up does not stop that for the others."""
    one_more = asyncio.create_task(ends(with_images, "1", dates))
    await asyncio.sleep(0)
    one_more.cancel()

    found = await asyncio.gather(*(ends(with_images, f"import more_itertools\n{n}", dates) for n in range(4)))

    assert [one.value for one in found if isinstance(one, Returned)] == [0, 1, 2, 3]
    assert one_more.cancelled() or one_more.cancelling()


def test_an_image_is_known_by_what_was_asked_for(dates: KeptImage) -> None:
    """Building it again costs nothing, in whatever order its packages are named."""
    image = Image.from_guest_base().with_pip_packages(*reversed(PACKAGES))

    assert ImageBuildEngine.build(image) == dates.reference == image_of(PACKAGES).reference
    assert [one.name for one in dates.packages] == ["more-itertools", "python-dateutil", *_NEEDED_BY_DATEUTIL(dates)]


def _NEEDED_BY_DATEUTIL(image: KeptImage) -> list[str]:  # noqa: N802 - which it is depends on its version
    return [one.name for one in image.packages if one.name in ("six", "tzdata")]


def test_several_processes_wait_for_the_one_that_builds(dates: KeptImage) -> None:
    """All get the same, and nothing is built twice."""
    script = f"from sandbox.engines.cpython.image_builds import build_image; print(build_image({PACKAGES!r}).reference)"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        for _ in "123"
    ]

    assert [process.communicate()[0].strip() for process in started] == [dates.reference] * 3


def test_a_dry_run_resolves_and_builds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how the image would be called, and refuses what building would refuse."""
    make_wheel(tmp_path, "fine", {"fine.py": ""})
    make_wheel(tmp_path, "shadows", {"json.py": ""})
    look_only_into(tmp_path, monkeypatch)
    image = Image.from_guest_base().with_pip_packages("fine")

    assert ImageBuildEngine.build(image, dry_run=True).startswith("sha256:")
    with pytest.raises(ImageNotBuilt):
        image_of(["fine"])
    with pytest.raises(ImageRefused, match='its module "json" would take the place of one of the standard library'):
        ImageBuildEngine.build(Image.from_guest_base().with_pip_packages("shadows"), dry_run=True)


def test_packages_that_cannot_be_in_a_guest_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, with the reason, before anything is built."""
    with pytest.raises(ImageRefused) as compiled:
        build_image(["numpy"])
    make_source_distribution(tmp_path, "unbuilt", "raise SystemExit")
    look_only_into(tmp_path, monkeypatch)
    with pytest.raises(ImageRefused) as unbuilt:
        build_image(["unbuilt"])

    assert str(compiled.value) == (
        'the package "numpy" cannot be part of a guest image: it has compiled parts, and only pure Python runs in the '
        "guest; pass what it computes through a function"
    )
    assert unbuilt.value.package == "unbuilt"


def test_without_its_tools_nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that only runs programs says what it lacks."""

    def version(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", version)

    with pytest.raises(ImageToolsMissing) as raised:
        build_image(["fine"])

    assert str(raised.value) == (
        "guest images are built with componentize-py, which is not installed: pip install 'isthmus[images]'"
    )


@pytest.mark.parametrize(
    ("image", "options", "error", "message"),
    [
        ("six", {}, TypeError, "image must be an Image, not 'six'"),
        (
            Image.from_guest_base(),
            {},
            ValueError,
            "the image has no packages, and the guest that ships is built already: with_pip_packages(...)",
        ),
        (
            Image.from_guest_base().with_pip_packages("six"),
            {"builder": "remote"},
            ValueError,
            "there is no image builder 'remote'; builders: local",
        ),
    ],
)
def test_what_cannot_be_built_is_told(
    image: Image, options: dict[str, str], error: type[Exception], message: str
) -> None:
    """Before pip is asked."""
    with pytest.raises(error) as raised:
        ImageBuildEngine.build(image, **options)  # type: ignore[arg-type] # what is tested

    assert str(raised.value) == message
