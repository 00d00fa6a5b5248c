"""Schema version 4: templates are part of what a tenant has."""

import re

_STATEMENTS = (
    """
    INSERT INTO tenant_usage (tenant, kept_bytes, waiting_runs)
        SELECT DISTINCT tenant, 0, 0 FROM templates WHERE tenant NOT IN (SELECT tenant FROM tenant_usage)
    """,
    # OCTETS is the length of a text in bytes, which has no name that both know.
    """
    UPDATE tenant_usage SET kept_bytes = kept_bytes
        + COALESCE((SELECT SUM(500 + OCTETS(body)) FROM template_versions
            WHERE template_versions.tenant = tenant_usage.tenant), 0)
        + COALESCE((SELECT SUM(100 + OCTETS(text)) FROM compiled WHERE compiled.tenant = tenant_usage.tenant), 0)
    """,
)


def _with(octets: str) -> tuple[str, ...]:
    return tuple(re.sub(r"OCTETS\((\w+)\)", octets, statement) for statement in _STATEMENTS)


STATEMENTS = {"sqlite": _with(r"LENGTH(CAST(\1 AS BLOB))"), "postgresql": _with(r"OCTET_LENGTH(\1)")}
