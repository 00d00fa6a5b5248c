"""What runs inside the isolate: driver, language policy, event loop, functions."""
