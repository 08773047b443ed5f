"""Checkpoints of strangers, read without executing them, and without torch."""
