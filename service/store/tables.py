"""The tables as statements name them. Where they come from is `versions`; a test compares the two."""

import json
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    text,
)


class AnyText(TypeDecorator[str]):
    """Text that a program or a caller chose, as a JSON string: PostgreSQL keeps no text with a NUL in it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else json.loads(value)


metadata = MetaData()
tenants = Table(
    "tenants",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rights", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, ForeignKey("tenants.name", ondelete="CASCADE"), nullable=False),
    Column("digest", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)
runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("wake", Integer, nullable=False),
    Column("owner", Text),
    Column("parent_id", Text),
    Column("root_id", Text, nullable=False),
    Column("template_name", AnyText, nullable=False),
    Column("template_version", Text, nullable=False),
    Column("program_digest", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("engine_version", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("due_at", BigInteger),
    Column("submission", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("output", Text),
    Column("stdout", AnyText, nullable=False),
    Column("webhook_due", BigInteger),
    Column("webhook_attempts", Integer, nullable=False),
    Index("runs_by_tenant", "tenant", "id"),
    Index("runs_by_status", "tenant", "status", "id"),
    Index("runs_by_template", "tenant", "template_name", "id"),
    Index("runs_by_template_and_status", "tenant", "template_name", "status", "id"),
    Index("runs_due", "due_at", sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL")),
    Index(
        "runs_to_tell", "webhook_due",
        sqlite_where=text("webhook_due IS NOT NULL"), postgresql_where=text("webhook_due IS NOT NULL"),
    ),
    Index(
        "runs_finished", "finished_at",
        sqlite_where=text("finished_at IS NOT NULL"), postgresql_where=text("finished_at IS NOT NULL"),
    ),
    Index(
        "runs_unfinished", "status", "owner",
        sqlite_where=text("finished_at IS NULL"), postgresql_where=text("finished_at IS NULL"),
    ),
)  # fmt: skip
run_functions = Table(
    "run_functions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("function", Text, primary_key=True),
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Index("run_functions_by_run", "run_id"),
)
entries = Table(
    "entries",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("text", Text, nullable=False),
)
events = Table(
    "events",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
)
reports = Table(
    "reports",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("text", AnyText, nullable=False),
)
tenant_usage = Table(
    "tenant_usage",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("kept_bytes", BigInteger, nullable=False),
    Column("waiting_runs", BigInteger, nullable=False),
)
idempotency = Table(
    "idempotency",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_digest", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("idempotency_by_run", "run_id"),
)
templates = Table(
    "templates",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
template_versions = Table(
    "template_versions",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("body", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["tenant", "name"], ["templates.tenant", "templates.name"], ondelete="CASCADE"),
)
compiled = Table(
    "compiled",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("engine_version", Text, primary_key=True),
    Column("binding", Text, nullable=False),
    Column("text", Text, nullable=False),
    ForeignKeyConstraint(
        ["tenant", "name", "version"],
        ["template_versions.tenant", "template_versions.name", "template_versions.version"],
        ondelete="CASCADE",
    ),
)
