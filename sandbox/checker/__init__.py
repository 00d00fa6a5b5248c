"""The type checker: what a program would do wrong, found without running it.

It exports nothing: the process that becomes the checker imports `launch` alone.
"""
