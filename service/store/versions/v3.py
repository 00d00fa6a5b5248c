"""Schema version 3: the reports of runs, each beside its row, which is read far more often."""

STATEMENTS = (
    """
    CREATE TABLE reports (
        run_id TEXT NOT NULL PRIMARY KEY,
        text TEXT NOT NULL,
        FOREIGN KEY (run_id) REFERENCES runs (id) ON DELETE CASCADE
    )
    """,
)
