"""Other interpreters, each in an environment of its own."""
