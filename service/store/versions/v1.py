"""Schema version 1: runs with their journals and events, idempotency keys, tenants, keys, templates.

Times are microseconds since the epoch. SQL that both SQLite and PostgreSQL take, as text, so that no later change of
`tables` changes what a version did.
"""

STATEMENTS = (
    """
    CREATE TABLE tenants (
        name TEXT NOT NULL PRIMARY KEY,
        rights TEXT NOT NULL,
        created_at BIGINT NOT NULL
    )
    """,
    """
    CREATE TABLE keys (
        id TEXT NOT NULL PRIMARY KEY,
        tenant TEXT NOT NULL,
        digest TEXT NOT NULL,
        scopes TEXT NOT NULL,
        label TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        revoked_at BIGINT,
        FOREIGN KEY (tenant) REFERENCES tenants (name) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE runs (
        id TEXT NOT NULL PRIMARY KEY,
        tenant TEXT NOT NULL,
        status TEXT NOT NULL,
        wake INTEGER NOT NULL,
        owner TEXT,
        parent_id TEXT,
        root_id TEXT NOT NULL,
        template_name TEXT NOT NULL,
        template_version TEXT NOT NULL,
        program_digest TEXT NOT NULL,
        engine TEXT NOT NULL,
        engine_version TEXT NOT NULL,
        seed BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        started_at BIGINT,
        finished_at BIGINT,
        expires_at BIGINT,
        due_at BIGINT,
        submission TEXT NOT NULL,
        report TEXT NOT NULL,
        output TEXT,
        stdout TEXT NOT NULL,
        webhook_due BIGINT,
        webhook_attempts INTEGER NOT NULL
    )
    """,
    "CREATE INDEX runs_by_tenant ON runs (tenant, id)",
    "CREATE INDEX runs_by_status ON runs (tenant, status, id)",
    "CREATE INDEX runs_by_template ON runs (tenant, template_name, id)",
    "CREATE INDEX runs_by_template_and_status ON runs (tenant, template_name, status, id)",
    "CREATE INDEX runs_due ON runs (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX runs_to_tell ON runs (webhook_due) WHERE webhook_due IS NOT NULL",
    "CREATE INDEX runs_finished ON runs (finished_at) WHERE finished_at IS NOT NULL",
    "CREATE INDEX runs_unfinished ON runs (status, owner) WHERE finished_at IS NULL",
    """
    CREATE TABLE run_functions (
        tenant TEXT NOT NULL,
        function TEXT NOT NULL,
        run_id TEXT NOT NULL,
        PRIMARY KEY (tenant, function, run_id),
        FOREIGN KEY (run_id) REFERENCES runs (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX run_functions_by_run ON run_functions (run_id)",
    """
    CREATE TABLE entries (
        run_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (run_id, seq),
        FOREIGN KEY (run_id) REFERENCES runs (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE events (
        run_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (run_id, seq),
        FOREIGN KEY (run_id) REFERENCES runs (id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE idempotency (
        tenant TEXT NOT NULL,
        key TEXT NOT NULL,
        body_digest TEXT NOT NULL,
        run_id TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, key)
    )
    """,
    "CREATE INDEX idempotency_by_run ON idempotency (run_id)",
    """
    CREATE TABLE templates (
        tenant TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, name)
    )
    """,
    """
    CREATE TABLE template_versions (
        tenant TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (tenant, name, version),
        FOREIGN KEY (tenant, name) REFERENCES templates (tenant, name) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE compiled (
        tenant TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        engine_version TEXT NOT NULL,
        binding TEXT NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (tenant, name, version, engine_version),
        FOREIGN KEY (tenant, name, version) REFERENCES template_versions (tenant, name, version) ON DELETE CASCADE
    )
    """,
)
