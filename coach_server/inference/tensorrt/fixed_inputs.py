"""What plans are compared on: the same pictures and movements on every machine."""

from typing import Final

import av
import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.errors import EngineError
from coach_server.inference.keypoint_rcnn.letterbox import Canvas
from coach_server.inference.protocols import Rgb
from coach_server.inference.videopose.encoding import Encoding, encode
from coach_server.resources import packaged

_SECONDS: Final = (1.0, 6.0, 11.0)
"""Of the demo film: standing, and two poses."""
_SIZE: Final = (640, 480)
_STANDING: Final = (
    (320, 80),
    (326, 74),
    (314, 74),
    (334, 78),
    (306, 78),
    (352, 120),
    (288, 120),
    (366, 180),
    (274, 180),
    (372, 236),
    (268, 236),
    (338, 240),
    (302, 240),
    (342, 330),
    (298, 330),
    (344, 420),
    (296, 420),
)
"""COCO-17 of somebody who faces the camera, in pixels of `_SIZE`."""


def pictures(canvas: Canvas) -> list[Rgb]:
    """A person in three poses, and noise, in the canvas's orientation.

    Raises:
        EngineError: the demo film is missing or cannot be read.
    """
    height, width = canvas
    frames = [_turned(frame, upright=height > width) for frame in _film()]
    grain = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return [*frames, grain]


def movements(encoding: Encoding, students: int, count: int) -> FloatArray:
    """(count, students, F) features of people who swing their limbs, each in their own time."""
    rng = np.random.default_rng(0)
    phase = rng.uniform(0, 2 * np.pi, (students, 17, 3))
    pace = rng.uniform(0.5, 2, (students, 17, 3))
    reach = rng.uniform(2, 30, (students, 17, 3)) * (1, 1, 0.01)
    t = np.arange(count)[:, None, None, None] / 30
    swing = reach * np.sin(2 * np.pi * pace * t + phase)
    points = np.empty((count, students, 17, 3), np.float32)
    points[..., :2] = np.array(_STANDING) + swing[..., :2]
    points[..., 2] = 0.9
    return encode(encoding, points, swing[..., 2].astype(np.float32), _SIZE)


def _film() -> list[Rgb]:
    path = packaged("static") / "demo" / "student_right.mp4"
    found: list[Rgb] = []
    try:
        with av.open(str(path)) as film:
            for frame in film.decode(video=0):
                if frame.time is not None and frame.time >= _SECONDS[len(found)]:
                    found.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
                    if len(found) == len(_SECONDS):
                        break
    except OSError as error:
        raise EngineError(
            f"the demo film, on which plans are compared, cannot be read: {error}",
            hint="install coach-server again",
        ) from error
    return found


def _turned(frame: Rgb, *, upright: bool) -> Rgb:
    """A frame, or its upright middle."""
    if not upright:
        return frame
    height, width = frame.shape[:2]
    kept = height * 3 // 4 // 2 * 2
    left = (width - kept) // 2
    return np.ascontiguousarray(frame[:, left : left + kept])
