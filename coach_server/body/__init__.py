"""Skeletons, keypoints, poses, angles and registration: pure numpy, no I/O, no clock."""
