"""Schema version 2: what each tenant has, so that it can be bounded."""

import re

_STATEMENTS = (
    """
    CREATE TABLE tenant_usage (
        tenant TEXT NOT NULL PRIMARY KEY,
        kept_bytes BIGINT NOT NULL,
        waiting_runs BIGINT NOT NULL
    )
    """,
    # What version 1 kept is counted. OCTETS is the length of a text in bytes, which has no name that both know.
    """
    INSERT INTO tenant_usage (tenant, kept_bytes, waiting_runs)
        SELECT tenant, SUM(1000 + OCTETS(submission) + OCTETS(report) + OCTETS(stdout) + COALESCE(OCTETS(output), 0)
            + COALESCE((SELECT SUM(100 + OCTETS(text)) FROM entries WHERE run_id = runs.id), 0)
            + COALESCE((SELECT SUM(100 + OCTETS(text)) FROM events WHERE run_id = runs.id), 0)
        ), COUNT(*) - COUNT(finished_at) FROM runs GROUP BY tenant
    """,
)


def _with(octets: str) -> tuple[str, ...]:
    return tuple(re.sub(r"OCTETS\((\w+)\)", octets, statement) for statement in _STATEMENTS)


STATEMENTS = {"sqlite": _with(r"LENGTH(CAST(\1 AS BLOB))"), "postgresql": _with(r"OCTET_LENGTH(\1)")}
