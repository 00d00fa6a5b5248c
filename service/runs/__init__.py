"""Runs: what is submitted, what is recorded, how many go on at once."""
