"""Templates by name: submissions without values, every version kept, compiled once, run with overrides."""
