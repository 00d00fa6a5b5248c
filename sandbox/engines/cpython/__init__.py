"""The `cpython` engine: CPython 3.14 as a WebAssembly component, in worker processes."""
