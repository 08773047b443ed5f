"""From a decoded frame, of a film or a camera, to the array an engine reads: one copy."""

from typing import Final

import numpy as np
from av import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from coach_server.inference.protocols import Frame, Planes

_LIMITED: Final = (0, 1)
"""AVCOL_RANGE_UNSPECIFIED, which decoders take for it, and AVCOL_RANGE_MPEG."""
_BT601: Final = (2, 5, 6)
"""AVCOL_SPC_UNSPECIFIED, which is converted so, BT470BG and SMPTE170M."""

_WHOLE: Final = 8
"""FFmpeg leaves the last columns of four bytes a pixel unwritten if the width is no multiple."""


class PictureMaker:
    """Turns the frames of one source into RGB; for one thread at a time.

    The reformatter is kept from frame to frame: its conversion tables depend on size and format
    only, and a change of either in mid-stream rebuilds them.
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def made(self, frame: VideoFrame, *, planes: bool) -> Frame:
        """The frame as planes where `planes` asks for them and it has them, else as RGB.

        It has them where it is upright, of even size, and coded as cameras do by default: 4:2:0 of
        BT.601 in limited range. Their one copy puts them behind one another.
        """
        if not planes:
            return self.rgbx(frame)
        plain = (
            frame.format.name == "yuv420p"
            and not frame.rotation
            and not frame.width % 2
            and not frame.height % 2
            and frame.color_range in _LIMITED
            and frame.colorspace in _BT601
        )
        if not plain:
            return self.rgb(frame)
        return Planes(np.asarray(frame.to_ndarray(), np.uint8))

    def rgb(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The frame as (height, width, 3) RGB, upright.

        The array is a view of the converted frame (rows may be padded) and keeps it alive; a
        rotation that the container asks for is a view as well.
        """
        return self._packed(frame, "rgb24", 3)

    def rgbx(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """The same with a fourth byte a pixel that says nothing, where FFmpeg can make it."""
        return self.rgb(frame) if frame.width % _WHOLE else self._packed(frame, "rgb0", 4)

    def _packed(self, frame: VideoFrame, kind: str, size: int) -> NDArray[np.uint8]:
        """(height, width, size), upright, in FFmpeg's format `kind` of `size` bytes a pixel."""
        picture = self._reformatter.reformat(frame, format=kind, threads=1)
        plane = picture.planes[0]
        rows = np.ndarray(
            (picture.height, picture.width, size),
            np.uint8,
            buffer=memoryview(plane),
            strides=(plane.line_size, size, 1),
        )
        return np.rot90(rows, frame.rotation // 90 % 4) if frame.rotation else rows
