"""How well the product's keypoint detector sees the studio's people: looked at, scored, told.

For maintainers: `scripts/measure_keypoints.py` runs it. What the detector said is kept in the
cache (`sightings`), from which scores and tables are made in no time.
"""
