"""Writes films: for browsers to play, and for Chromium's fake camera to film."""

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self, cast

import av
from av.video.stream import VideoStream

from coach_server.errors import InputError
from scripts.studio.renderer import Picture

X264: Final = "libx264"
CRF: Final = 21
PRESET: Final = "slow"
KEYFRAME_S: Final = 2


@dataclass(frozen=True, slots=True)
class Format:
    """How the films of one suffix are made, in FFmpeg's words."""

    container: str
    codec: str
    pixels: str
    container_options: dict[str, str]
    codec_options: dict[str, str]


FORMATS: Final = MappingProxyType(
    {
        # the index first, so that it plays while it loads
        ".mp4": Format("mp4", X264, "yuv420p", {"movflags": "+faststart"}, {}),
        ".y4m": Format("yuv4mpegpipe", "wrapped_avframe", "yuv420p", {}, {}),
        # two is FFmpeg's finest quantiser, and about what others call a quality of 85
        ".mjpeg": Format("mjpeg", "mjpeg", "yuvj420p", {}, {"qmin": "2", "qmax": "2"}),
    }
)
"""Suffix -> format. Chromium plays Y4M (460,800 bytes a frame of 640x480) as its camera at the
film's own rate, and MJPEG (JPEGs one after the other, a tenth of that) at 30 frames a second."""


class FilmWriter:
    """Writes one film in the format of its suffix, whole or not at all.

    Args:
        path: where to write; replaced when the film is complete.
        size: (width, height), both even.
        fps: pictures a second.
        crf: x264's constant quality, lower is better and larger; of MP4 alone.
        preset: of x264, how much time it takes to make a film small; of MP4 alone.

    Raises:
        InputError: the suffix is that of no format.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        fps: int,
        crf: int = CRF,
        *,
        preset: str = PRESET,
    ) -> None:
        film_format = FORMATS.get(path.suffix)
        if film_format is None:
            raise InputError(
                f"{path.name} has the suffix of no film that can be written.",
                hint=f"Name it with one of {', '.join(FORMATS)}.",
            )
        self._path = path
        self._partial = path.with_name(f".{path.name}.partial")
        self._container = av.open(
            str(self._partial),
            "w",
            format=film_format.container,
            options=film_format.container_options,
        )
        options = film_format.codec_options
        if film_format.codec == X264:
            options = {"preset": preset, "crf": str(crf), "g": str(KEYFRAME_S * fps)}
        stream = self._container.add_stream(film_format.codec, rate=fps, options=options)
        self._stream = cast("VideoStream", stream)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = film_format.pixels

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
            self._partial.unlink(missing_ok=True)  # it begins with the first packet
