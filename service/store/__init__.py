"""The store: the rows of runs, keys, tenants and templates in SQLite or PostgreSQL. It keeps data and decides nothing.

A write is a function of a connection. All writes that wait are committed together, by one thread; each is there when
`write` returns, and one that raises takes nothing of the others with it. What one function does takes place together.

    store = open_store("isthmus.db")
    row = RunRow(id="run_1", tenant="default", status="running", root_id="run_1", ...)
    await store.write(lambda connection: insert_run(connection, row, functions=["add"]))

    def suspend(connection: Connection) -> bool:
        # First what may refuse, then what goes with it: what was done when a function returns is committed.
        if not change_run(connection, "run_1", expected=At(status="running", wake=0), status="suspended", wake=1):
            return False
        return append_entries(connection, "run_1", wake=1, first=1, texts=['{"entry":...}\\n'])

    assert await store.write(suspend)
    found = await store.read(lambda connection: find_run(connection, "run_1", tenant="default"))
    store.close()
"""
