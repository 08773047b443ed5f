"""What a keypoint detector says of one frame."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Keypoints:
    """COCO-17 keypoints of the one tracked person in one upright frame.

    Attributes:
        points: (17, 3) x, y as fractions of the frame's width and height (unmirrored, may lie
            outside 0..1 where the body leaves the frame), score 0..1.
        depth: (17,) metres from the mid-hip along the camera axis, away positive; NaN where the
            detector estimates none.
        world: (17, 3) the detector's own 3D estimate in COCO order, metres, mid-hip at the origin,
            camera axes x right, y down, z forward; None where it has none.
        image_size: (width, height) in pixels after rotation.
        people: how many the detector saw when it last looked at the whole frame.
        repeated: whether an earlier frame said it, from which this one does not differ.
    """

    points: FloatArray
    depth: FloatArray
    world: FloatArray | None
    image_size: tuple[int, int]
    people: int = 1
    repeated: bool = False

    @property
    def pixels(self) -> FloatArray:
        """(17, 3) x, y in pixels of the upright frame, score 0..1, as files hold them."""
        return self.points * np.array([*self.image_size, 1], np.float32)
