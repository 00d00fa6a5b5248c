"""`os` as programs see it leads to no other module, and to no environment but the program's own."""

import pytest

from sandbox.policy import OS_NAMES
from tests.play import Play

REFUSED = {
    "a module that the real one imported": "import os\nos.sys",
    "the real one by its own name": "from os import os",
    "the rest of it": "from os import _exit",
    "its other half": "from posix import environ",
    "every name of it": "from os import *",
    "what loaded it": "import os\nos.__loader__",
    "what it was made of": "import os\nos.__spec__",
    "its dictionary": "import os\nvars(os)['environ']",
    "its namespace": "import os\nos.__dict__",
    "the names around getenv": "import os\nos.getenv.__globals__",
    "the names around getenv, by text": "import os, operator\noperator.attrgetter('__globals__')(os.getenv)",
    "putting another environment in": "import os\nos.environ = {}",
    "putting another getenv in": "import os\nsetattr(os, 'getenv', print)",
    "taking the environment out": "import os\ndel os.environ",
    "formatting": "import os\n'{0.getenv.__globals__}'.format(os)",
    "an attribute of the mapping": "import os\nos.environ.unsetenv",
    "the encoded environment": "import os\nos.environb",
    "changing the process": "import os\nos.putenv('A', '1')",
}


@pytest.mark.parametrize("way", REFUSED)
async def test_a_way_out_of_os_is_refused(play: Play, way: str) -> None:
    """Before the program runs or at that line, never by giving something else."""
    assert (await play(REFUSED[way])).error.kind in ("policy", "runtime")


async def test_a_copied_environment_leads_nowhere(play: Play) -> None:
    """It is a plain dictionary: no class of the library stands behind it."""
    source = "import os, copy\n[type(os.environ) is dict, copy.deepcopy(os.environ), dir(os)[-2:]]"

    assert (await play(source, env_vars={"A": "1"})).value == [True, {"A": "1"}, [*OS_NAMES]]


async def test_what_stands_in_the_environment_is_gone_with_the_run(play: Play) -> None:
    """An object of one program is nobody's default in the next."""
    await play("import os\nclass C: pass\nos.environ['LEFT'] = C()\nos.environ.update(A='2')\n1")

    assert (await play("import os\nos.environ")).value == {}
