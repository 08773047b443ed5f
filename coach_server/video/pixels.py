"""From a decoded frame to the array an engine reads: one conversion, one copy."""

import av
import numpy as np
from numpy.typing import NDArray


def rgb_view(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """The frame as (height, width, 3) RGB, upright.

    The array is a view of the converted frame's buffer (rows may be padded) and keeps it alive;
    a frame that the container says is rotated is turned by view as well.
    """
    rgb = frame.reformat(format="rgb24", threads=1)
    plane = rgb.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(rgb.height, plane.line_size)
    picture = rows[:, : rgb.width * 3].reshape(rgb.height, rgb.width, 3)
    return np.rot90(picture, frame.rotation // 90 % 4)
