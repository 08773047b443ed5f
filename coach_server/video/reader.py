"""Reading films: frames upright, unsqueezed and in order, with the time each is shown at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from coach_server.errors import MediaError, TooLargeError
from coach_server.video.course import (
    at_one_time,
    course_of,
    cut_short,
    promised,
    square_width,
    unreadable,
)
from coach_server.video.limits import USUAL, FilmLimits

CONTAINERS: Final = "mov,mp4,matroska,webm,mpegts,avi,yuv4mpegpipe"
"""The only formats opened: a playlist called .mp4 would open other files of the machine."""

WHOLE: Final = 0.98
"""Share that must be there of what a film says it has: edits leave a few pictures out."""


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
        called: what the user calls the film, where that is not the file's name.
        threads: whether it is decoded by several. Not where Python hears what FFmpeg complains of:
            PyAV waits for them with the interpreter's lock, and who complains waits for the lock.

    Raises:
        MediaError: the file is no film, has no picture track, or cannot be decoded.
        TooLargeError: it is larger than the limits say; found out on the way where it does not
            say so itself.
    """

    def __init__(
        self,
        path: Path,
        limits: FilmLimits = USUAL,
        *,
        called: str | None = None,
        threads: bool = True,
    ) -> None:
        self._called = called or path.name
        self._limits = limits
        try:
            limits.check_bytes(path.stat().st_size, self._called)
            self._container = open_container(path, limits)
        except FileNotFoundError as error:
            raise MediaError(
                f"There is no file {called or path}.", hint="Check the path."
            ) from error
        except (FFmpegError, OSError, ValueError) as error:
            raise unreadable(self._called) from error
        if not self._container.streams.video:
            self._container.close()
            raise MediaError(
                f"{self._called} holds no picture.", hint="Give a film, not sound alone."
            )
        self._stream: VideoStream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO" if threads else "NONE"
        if not threads:
            self._stream.codec_context.thread_count = 1
        context = self._stream.codec_context
        try:
            limits.check_picture(context.width, context.height, self._called)
            limits.check_picture(square_width(self._stream), context.height, self._called)
            self._promised = promised(self._container, self._stream)
            limits.check_length(self._promised, self._promised_s, self._called)
        except TooLargeError:
            self._container.close()
            raise
        width = square_width(self._stream)
        self._width = None if width == context.width else width
        self._reformatter = VideoReformatter()

    @property
    def fps(self) -> float:
        """Frames a second, as the container says."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        if not rate:
            raise unreadable(self._called)
        return float(rate)

    @property
    def expected_frames(self) -> int | None:
        """How many frames the container promises; None where it does not say."""
        if self._promised:
            return self._promised
        if self._container.duration:
            return round(self._promised_s * self.fps)
        return None

    @property
    def _promised_s(self) -> float:
        """How long the film says it is; 0 where it does not."""
        return (self._container.duration or 0) / av.time_base

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels, as the pictures are stored."""
        return self._stream.codec_context.width, self._stream.codec_context.height

    def count(self) -> tuple[int, float]:
        """How many pictures there are, and seconds from the first to the last.

        All packets are read, and the first picture decoded. Pictures that an edit list hides are
        left out.

        Raises:
            MediaError: the film is damaged or cut short.
            TooLargeError: there are too many.
        """
        course = course_of(self._container, self._stream, self._limits, self._called)
        self._check_whole(course.pictures)
        return course.pictures, course.seconds

    def __iter__(self) -> Iterator[FilmFrame]:
        """The frames in the order they are shown, with square pixels; their times increase.

        One that is not shown later than the frame before is left out, as browsers do.
        """
        first: float | None = None
        last = -1.0
        index = -1
        try:
            for index, frame in enumerate(self._container.decode(self._stream)):
                shown = frame.time if frame.time is not None else index / self.fps
                first = shown if first is None else first
                self._limits.check_length(index + 1, shown - first, self._called)
                if shown - first > last:
                    last = shown - first
                    yield FilmFrame(last, self._square(frame))
        except (FFmpegError, ValueError) as error:
            raise unreadable(self._called) from error
        if first is None:
            raise unreadable(self._called)
        if index > 0 and last == 0.0:
            raise at_one_time(self._called)
        self._check_whole(index + 1)

    def _square(self, frame: av.VideoFrame) -> av.VideoFrame:
        if self._width is None:
            return frame
        return self._reformatter.reformat(frame, width=self._width, threads=1)

    def _check_whole(self, count: int) -> None:
        """Refuse a film of which pictures are missing that its index names.

        Raises:
            MediaError: it is cut short.
        """
        if count < WHOLE * self._promised:
            raise cut_short(self._called, f"{count} of {self._promised} pictures")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._container.close()
