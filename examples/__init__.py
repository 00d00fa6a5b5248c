"""A small shop for the demo: functions, and programs that use them."""
