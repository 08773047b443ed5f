"""A studio of rendered people: bodies, poses, rooms and cameras, with exact truth of each frame.

For maintainers and tests only: the server imports nothing from here, and this package imports
from the server no more than `coach_server.body` and `coach_server.errors`.

What can be done is written down in files: poses in `poses/` (see `pose_files`) and routines in
`routines/` (see `routine_files`). A `performance.Manner` says how someone does a routine: lag,
tempo, pauses, faults of an exact size (`faults.KINDS`), mishaps; `draws.draw_casting` makes one,
with a body, an outfit, a room and a camera. What is true of a film is written as `FORMAT.md` says;
`scripts/build_sets.py` makes the sets of films that benchmarks read.

World axes: x to the right of the picture (the person's left when facing the camera), y up,
z towards the camera, metres, floor at y = 0.
"""
