"""What we claim about speed and memory, measured side by side in one run."""
