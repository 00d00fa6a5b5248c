"""The clock of a guest: it stands at the time of the turn, and moves only when it is read. The same on every engine."""

CLOCK_STEP_NANOSECONDS = 1_000
"""How far a reading moves it, so that it never runs backward or stands still in a loop."""
