"""What an operator sees of the runs: numbers, and spans of a trace. Neither holds a source or a value."""
