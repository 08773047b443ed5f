"""Keypoint detectors and lifters behind two protocols; each runtime in one module of its own."""
