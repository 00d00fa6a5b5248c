"""Worker processes that hold executions: placement, the frames that cross, the walls around them; for every engine."""
