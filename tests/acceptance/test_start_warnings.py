"""What the log says at the start of a service that an operator would otherwise learn from a caller."""

import json
from pathlib import Path

from tests.acceptance.serving import run_command, serving


def test_rights_to_functions_that_there_are_not_are_named(tmp_path: Path) -> None:
    """A mistyped name forbids what was meant: its programs get 403, and the operator hears nothing."""
    database = {"ISTHMUS_DATABASE": str(tmp_path / "isthmus.db")}
    many = ",".join(f"nothing_{number:02}" for number in range(25))
    for tenant, names in (("acme", "ad,add,qqqq"), ("many", many), ("umbrella", "add,wait")):
        assert run_command("tenants", "create", tenant, "--allow", names, **database).returncode == 0

    with serving(tmp_path / "log", **database) as served:
        found = [json.loads(line) for line in served.log.read_text().splitlines() if line.startswith("{")]

    told = [{name: value for name, value in one.items() if name != "timestamp"} for one in found]
    assert told[:2] == [
        {"event": "tenant_function_unknown", "tenant": "acme", "function": "ad", "nearest": "add", "level": "warning"},
        {"event": "tenant_function_unknown", "tenant": "acme", "function": "qqqq", "nearest": None, "level": "warning"},
    ]
    assert [one["function"] for one in told[2:20]] == [f"nothing_{number:02}" for number in range(18)]
    assert told[20:] == [{"event": "tenant_functions_unknown", "count": 27, "shown": 20, "level": "warning"}]
