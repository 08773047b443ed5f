"""How a frame of any size lies on one of the two canvases that networks are built for.

As in both zoos the picture begins at the top left, keeps its proportions, and what is left over to
the right or below holds the mean pixel, which normalisation makes zero. A pixel's middle lies at
.5, so places are scaled and nothing else.
"""

from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import numpy as np

from coach_server.body.keypoints import FloatArray

Canvas: TypeAlias = tuple[int, int]
"""(height, width) in pixels."""
LANDSCAPE: Final[Canvas] = (480, 640)
PORTRAIT: Final[Canvas] = (640, 480)


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A frame on a canvas.

    Attributes:
        frame: (width, height) of the frame in pixels.
        size: (width, height) that it has on the canvas.
        canvas: (height, width) of the canvas.
    """

    frame: tuple[int, int]
    size: tuple[int, int]
    canvas: Canvas

    @classmethod
    def of(cls, frame: tuple[int, int], canvases: tuple[Canvas, ...]) -> Self:
        """A frame (width, height) on the canvas on which it is largest."""
        width, height = frame
        scales = [min(c[1] / width, c[0] / height) for c in canvases]
        scale = max(scales)
        canvas = canvases[scales.index(scale)]
        size = max(1, round(width * scale)), max(1, round(height * scale))
        return cls(frame, size, canvas)

    def to_frame(self, points: FloatArray) -> FloatArray:
        """Places (..., 2) x, y in pixels of the canvas, in pixels of the frame."""
        return np.asarray(points * (np.array(self.frame) / self.size), np.float32)
