"""What a Keypoint R-CNN says of one frame, and the forms in which it takes one."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.inference.protocols import Rgb


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as decoders give it: half the bytes of RGB, and the GPU makes that of it.

    Attributes:
        planes: (height * 3 / 2, width) uint8 of I420 (BT.601, limited range): all of Y, then U and
            V at half the size, one after the other; rows may be padded.
    """

    planes: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, both even."""
        rows, width = self.planes.shape
        return width, rows * 2 // 3


Frame: TypeAlias = Rgb | Planes
"""An upright picture."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The one person who is surest.

    Attributes:
        keypoints: (17, 3) COCO order: x, y in continuous pixels of the frame, and the logit there.
        box: (4,) x1, y1, x2, y2 in pixels of the frame.
        score: 0..1, how likely there is a person in the box.
    """

    keypoints: FloatArray
    box: FloatArray
    score: float


def frame_size(frame: Frame) -> tuple[int, int]:
    """(width, height) of a frame in pixels."""
    if isinstance(frame, Planes):
        return frame.size
    height, width = frame.shape[:2]
    return width, height
