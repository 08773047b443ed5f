"""A studio of rendered people: bodies, poses, rooms and cameras, with exact truth of each frame.

For maintainers and tests only: the server imports nothing from here, and this package imports
from the server no more than `coach_server.body` and `coach_server.errors`.

World axes: x to the right of the picture (the person's left when facing the camera), y up,
z towards the camera, metres, floor at y = 0.
"""
