"""Shared by tests: figures, films and engines to try things on."""
