"""Turned squares cut out of pictures, as BlazePose's networks look at them."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach_server.inference.blazepose.roi import between_centres
from coach_server.inference.protocols import Rgb

_SAMPLED: Final = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


class Crop:
    """Cuts squares of one size, on buffers of its own.

    Args:
        size: pixels along a side.
        border: what lies beyond the picture, as OpenCV's `BORDER_...` has it.
    """

    def __init__(self, size: int, border: int) -> None:
        self._size = (size, size)
        self._border = border
        self._cut = {channels: np.zeros((size, size, channels), np.uint8) for channels in (3, 4)}

    def cut(self, rgb: Rgb, from_crop: NDArray[np.float64]) -> NDArray[np.uint8]:
        """The (size, size, 3) square, until the next one is cut.

        Args:
            rgb: the picture.
            from_crop: (2, 3) from continuous pixels of the square to those of the picture.
        """
        cut = self._cut[rgb.shape[2]]
        cv2.warpAffine(
            rgb,
            between_centres(from_crop),
            self._size,
            dst=cut,
            flags=_SAMPLED,
            borderMode=self._border,
        )
        if rgb.shape[2] == 3:
            return cut
        return np.asarray(cv2.cvtColor(cut, cv2.COLOR_RGBA2RGB, dst=self._cut[3]), np.uint8)
