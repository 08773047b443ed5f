"""A film's poses in time: what `track` writes and what a routine is compared by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray


@dataclass(frozen=True, slots=True)
class Track:
    """One row per decoded frame, T rows.

    Attributes:
        fps: frames a second.
        time_s: (T,) seconds from 0.
        image_size: (width, height) in pixels after rotation.
        keypoints: (T, 17, 3) COCO-17, x and y in pixels, score 0..1; score 0 without a person.
        depth: (T, 17) metres from the mid-hip along the camera axis, away positive; NaN where
            unknown.
        joints: (T, 17, 3) H36M-17 metres, pelvis at the origin, camera axes x right, y down,
            z forward; NaN without a person.
        joints_sigma: (T, 17, 3) metres, one standard deviation; NaN where the lifter has none.
        present: (T,) whether a person was found.
    """

    fps: float
    time_s: NDArray[np.float64]
    image_size: tuple[int, int]
    keypoints: FloatArray
    depth: FloatArray
    joints: FloatArray
    joints_sigma: FloatArray
    present: NDArray[np.bool_]
