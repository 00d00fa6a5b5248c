"""Whether a program may run on this engine, judged by its words alone, before a worker hears of it."""
