"""What keypoints cost that cost less, and what that costs in cues: `scripts/measure_cheaper.py`."""
