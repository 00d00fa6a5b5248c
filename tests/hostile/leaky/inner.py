"""A public module."""

VALUE = 5
