"""Reading films: frames upright and in order, with the time each is shown at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from coach_server.errors import MediaError, TooLargeError
from coach_server.video.limits import USUAL, FilmLimits

CONTAINERS: Final = "mov,mp4,matroska,webm,mpegts,avi,yuv4mpegpipe"
"""The only formats opened: a playlist called .mp4 would open other files of the machine."""


def open_container(path: Path, limits: FilmLimits = USUAL) -> InputContainer:
    """Open a film of a known kind, its pictures limited in the demuxer and in the decoder alike.

    Raises:
        FFmpegError, OSError, ValueError: it cannot be opened.
    """
    limit = {"max_pixels": str(limits.max_pixels)}
    container = av.open(str(path), options={**limit, "format_whitelist": CONTAINERS})
    for stream in container.streams.video:
        stream.codec_context.options = limit
    return container


@dataclass(frozen=True, slots=True)
class FilmFrame:
    """One decoded frame.

    Attributes:
        time_s: seconds since the film's first frame.
        frame: the picture; `video.pixels.PictureMaker` makes it an array.
    """

    time_s: float
    frame: av.VideoFrame


class FilmReader:
    """A film opened for reading; use it as a context manager and iterate over it once.

    Args:
        path: of the film.
        limits: how large it may be.

    Raises:
        MediaError: the file is no film, has no picture track, or cannot be decoded.
        TooLargeError: it is larger than the limits say; found out on the way where it does not
            say so itself.
    """

    def __init__(self, path: Path, limits: FilmLimits = USUAL) -> None:
        self._path = path
        self._limits = limits
        try:
            limits.check_bytes(path.stat().st_size, path.name)
            self._container = open_container(path, limits)
        except FileNotFoundError as error:
            raise MediaError(f"There is no file {path}.", hint="Check the path.") from error
        except (FFmpegError, OSError, ValueError) as error:
            raise self._unreadable() from error
        if not self._container.streams.video:
            self._container.close()
            raise MediaError(f"{path.name} holds no picture.", hint="Give a film, not sound alone.")
        self._stream: VideoStream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        context = self._stream.codec_context
        try:
            limits.check_picture(context.width, context.height, path.name)
            limits.check_length(self._stream.frames, self._promised_s, path.name)
        except TooLargeError:
            self._container.close()
            raise

    @property
    def fps(self) -> float:
        """Frames a second, as the container says."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        if not rate:
            raise self._unreadable()
        return float(rate)

    @property
    def expected_frames(self) -> int | None:
        """How many frames the container promises; None where it does not say."""
        if self._stream.frames:
            return self._stream.frames
        if self._container.duration:
            return round(self._promised_s * self.fps)
        return None

    @property
    def _promised_s(self) -> float:
        """How long the film says it is; 0 where it does not."""
        return (self._container.duration or 0) / av.time_base

    def __iter__(self) -> Iterator[FilmFrame]:
        """The frames in the order they are shown."""
        first: float | None = None
        try:
            for index, frame in enumerate(self._container.decode(self._stream)):
                shown = frame.time if frame.time is not None else index / self.fps
                first = shown if first is None else first
                self._limits.check_length(index + 1, shown - first, self._path.name)
                yield FilmFrame(shown - first, frame)
        except (FFmpegError, ValueError) as error:
            raise self._unreadable() from error
        if first is None:
            raise self._unreadable()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._container.close()

    def _unreadable(self) -> MediaError:
        return MediaError(
            f"{self._path.name} cannot be read as a film: it is damaged, empty, or of a kind "
            "that is not supported.",
            hint="Give an mp4, mov, mkv, webm or avi file that plays in a video player.",
        )
