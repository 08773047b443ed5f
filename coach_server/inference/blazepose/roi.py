"""The region of interest: a square of the frame, turned so that the person in it stands upright."""

import math
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

SCALE: Final = 1.25
"""How much wider the crop is than the circle around the whole body."""
MIN_SIZE: Final = 16.0
"""Pixels; below, there is nothing to be seen."""


@dataclass(frozen=True, slots=True)
class Roi:
    """A turned square in pixels of the frame (continuous: pixel 0 spans 0..1).

    Attributes:
        x: centre, the mid-hip.
        y: centre.
        size: length of a side.
        angle: radians from the frame's axes to the crop's, clockwise on the screen; 0 for a person
            upright in the frame.
    """

    x: float
    y: float
    size: float
    angle: float

    @classmethod
    def around(cls, hip: NDArray[np.floating], rim: NDArray[np.floating]) -> Self:
        """Enclose the body whose mid-hip is `hip`, `rim` a point of the circle around all of it.

        The network places `rim` in the direction of the head, so that it carries the turn as well.
        Both are (2,) x, y in pixels of the frame.
        """
        x, y = float(rim[0] - hip[0]), float(rim[1] - hip[1])
        return cls(float(hip[0]), float(hip[1]), 2 * SCALE * math.hypot(x, y), math.atan2(x, -y))

    def touches(self, width: int, height: int) -> bool:
        """Whether there is anything of a frame of this size to be seen in it."""
        reach = self.size / 2
        return (
            self.size >= MIN_SIZE  # also False for NaN
            and -reach < self.x < width + reach
            and -reach < self.y < height + reach
        )

    def bounds(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the pixels that a crop of it reads, in a frame of this size.

        The last two are not among them. A crop between pixels reads those around it.
        """
        reach = self.size / 2 * (abs(math.cos(self.angle)) + abs(math.sin(self.angle))) + 1.0
        return (
            min(max(math.floor(self.x - reach), 0), width),
            min(max(math.floor(self.y - reach), 0), height),
            min(max(math.ceil(self.x + reach), 0), width),
            min(max(math.ceil(self.y + reach), 0), height),
        )

    @property
    def rotation(self) -> NDArray[np.float64]:
        """(2, 2) turns directions of the crop into directions of the frame."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.array([[cos, -sin], [sin, cos]])

    def from_crop(self, crop: int) -> NDArray[np.float64]:
        """(2, 3) from continuous pixels of a crop of `crop` x `crop` to those of the frame."""
        scale, half = self.size / crop, crop / 2
        cos, sin = math.cos(self.angle) * scale, math.sin(self.angle) * scale
        return np.array(
            [
                [cos, -sin, self.x - (cos - sin) * half],
                [sin, cos, self.y - (sin + cos) * half],
            ]
        )


def between_centres(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (2, 3) `affine` for pixel centres at whole numbers, as OpenCV counts them."""
    shifted = affine.copy()
    shifted[:, 2] += (affine[:, 0] + affine[:, 1]) * 0.5 - 0.5
    return shifted
