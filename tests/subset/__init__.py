"""What of Python the engine `monty` runs: asked of it, and of `cpython`, with small programs."""
