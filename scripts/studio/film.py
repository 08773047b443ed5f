"""Writes films that browsers play."""

from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av

from scripts.studio.renderer import Picture

PRESET: Final = "slow"
KEYFRAME_S: Final = 2


class FilmWriter:
    """H.264 in MP4, its index first so that it plays while it loads.

    Args:
        path: where to write; replaced whole when the film is complete.
        size: (width, height).
        fps: pictures a second.
        crf: x264's constant quality, lower is better and larger.
    """

    def __init__(self, path: Path, size: tuple[int, int], fps: int, crf: int) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.partial")
        options = {"movflags": "+faststart"}
        self._container = av.open(str(self._partial), "w", format="mp4", options=options)
        self._stream = self._container.add_stream("libx264", rate=fps)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": str(crf), "preset": PRESET, "g": str(KEYFRAME_S * fps)}

    def write(self, picture: Picture) -> None:
        """Append a picture (height, width, 3) RGB."""
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        self._container.mux(self._stream.encode(frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if error is None:
            self._partial.replace(self._path)
        else:
            self._partial.unlink()
