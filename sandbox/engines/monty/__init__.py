"""The `monty` engine: pydantic-monty, an interpreter of a subset of Python in worker processes of its own."""
