"""The store: the rows of runs, keys, tenants and templates in SQLite or PostgreSQL. It keeps data and decides nothing.

A write is a function of a connection. All writes that wait are committed together, by one thread; each is there when
`write` returns, and one that raises takes nothing of the others with it. What one function does takes place together.

    store = open_store("isthmus.db")
    row = RunRow(id="run_1", tenant="default", status="running", root_id="run_1", ...)
    assert await store.write(beginning(row, functions=["add"], texts=['{"entry":"header",...}\\n'])) is None
    suspending = moving(
        "run_1", tenant="default", expected=At(status="running", wake=0), columns={"status": "suspended"}, wake=1,
        first=1, texts=['{"entry":...}\\n'], most=Usage(kept_bytes=2**30, waiting_runs=10_000),
    )
    assert await store.write(suspending) is None
    found = await store.read(lambda connection: find_run(connection, "run_1", tenant="default"))
    store.close()
"""
