"""Benchmarks: figures as JSON, with the baselines measured in the same run."""
