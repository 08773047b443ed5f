"""From a decoded frame, of a film or a camera, to the array an engine reads: one copy."""

import numpy as np
from av import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray


class PictureMaker:
    """Turns the frames of one source into RGB; for one thread at a time.

    The reformatter is kept from frame to frame: its conversion tables depend on size and format
    only, and a change of either in mid-stream rebuilds them.
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def rgb(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The frame as (height, width, 3) RGB, upright.

        The array is a view of the converted frame (rows may be padded) and keeps it alive; a
        rotation that the container asks for is a view as well.
        """
        picture = self._reformatter.reformat(frame, format="rgb24", threads=1)
        plane = picture.planes[0]
        rows = np.ndarray(
            (picture.height, picture.width, 3),
            np.uint8,
            buffer=memoryview(plane),
            strides=(plane.line_size, 3, 1),
        )
        return np.rot90(rows, frame.rotation // 90 % 4) if frame.rotation else rows
