"""A decoded frame as the picture that detectors take: one copy, made off the event loop."""

import numpy as np
from av import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray


class PictureMaker:
    """Turns frames of one student into RGB; not for use by two threads at once.

    The reformatter is kept from frame to frame: its conversion tables depend on size and format
    only, and a change of either in mid-stream rebuilds them.
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def rgb(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """(height, width, 3) RGB of `frame`; a view with padded rows, valid while it is held."""
        picture = self._reformatter.reformat(frame, format="rgb24")
        plane = picture.planes[0]
        return np.ndarray(
            (picture.height, picture.width, 3),
            np.uint8,
            buffer=plane,  # type: ignore[arg-type]  # a plane has the buffer protocol; stubs of 3.11 cannot say so
            strides=(plane.line_size, 3, 1),
        )
