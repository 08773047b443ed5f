"""Making a film that every browser plays: H.264 in mp4, index first."""

import errno
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeAlias

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from coach_server.errors import CoachError, FullError, MediaError
from coach_server.video.course import Course, course_of, square_width, unreadable
from coach_server.video.encoding import PictureEncoder, SoundEncoder
from coach_server.video.limits import USUAL, FilmLimits
from coach_server.video.reader import open_container

AFTER_S: Final = 1
"""Seconds of sound that are kept after the last picture: a forgotten microphone is not."""

_AUDIO_PLAYED: Final = {"aac", "mp3"}
_FASTSTART: Final = {"movflags": "+faststart"}
_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

Told: TypeAlias = Callable[[int, int | None], None]
"""Is told how many pictures are done, and how many there are where that is known."""


def make_playable(
    source: Path,
    target: Path,
    *,
    limits: FilmLimits = USUAL,
    called: str | None = None,
    span: tuple[float, float] | None = None,
    progress: Told = lambda _done, _of: None,
) -> None:
    """Write `source` to `target` as an mp4 for browsers; copied where it already is one.

    The first picture is shown at 0, whenever the source shows it: the page's clock and the
    track's begin together. Pixels become square. Sound ends a second after the last picture.

    Args:
        source: the film.
        target: where it goes.
        limits: how large it may be.
        called: what the user calls the film, where that is not the file's name.
        span: the seconds, from the first picture on, whose pictures alone are kept: from the one
            up to but without the other. Such a film is always encoded anew.
        progress: called now and then.

    Raises:
        MediaError: the film cannot be read, is cut short, or holds no picture.
        TooLargeError: it is larger than the limits say.
        FullError: the disk has no room for it.
    """
    name = called or source.name
    try:
        limits.check_bytes(source.stat().st_size, name)
        course = _course(source, limits, name)
        with (
            open_container(source, limits) as film,
            av.open(str(target), "w", format="mp4", options=_FASTSTART) as out,
        ):
            video = film.streams.video[0]
            seen = _Seen(limits, name, course.pictures, progress)
            if span is None and course.straight and _plays(film, video):
                _copy(film, video, out, seen, course)
            else:
                _transcode(film, video, out, seen, course, span or (0.0, math.inf))
    except FileNotFoundError as error:
        raise MediaError(f"There is no file {called or source}.", hint="Check the path.") from error
    except (FFmpegError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise FullError(
                f"There is no room on the disk for {name}.",
                retry_after_s=60,
                hint="Make room, or remove routines or comparisons that are not needed.",
            ) from error
        raise unreadable(name) from error


def is_playable(source: Path, limits: FilmLimits = USUAL) -> bool:
    """Whether browsers play a film as it is; False too of what cannot be read."""
    try:
        with open_container(source, limits) as film:
            if not film.streams.video or not _plays(film, film.streams.video[0]):
                return False
        return _course(source, limits, source.name).straight
    except (OSError, FFmpegError, ValueError, CoachError):
        return False


def _course(source: Path, limits: FilmLimits, name: str) -> Course:
    with open_container(source, limits) as film:
        if not film.streams.video:
            raise MediaError(f"{name} holds no picture.", hint="Give a film.")
        video = film.streams.video[0]
        limits.check_picture(video.codec_context.width, video.codec_context.height, name)
        limits.check_picture(square_width(video), video.codec_context.height, name)
        return course_of(film, video, limits, name)


def _plays(film: InputContainer, video: VideoStream) -> bool:
    return (
        "mp4" in film.format.name
        and video.codec_context.name == "h264"
        and video.codec_context.pix_fmt in ("yuv420p", "yuvj420p")
        and square_width(video) == video.codec_context.width
        and all(sound.codec_context.name in _AUDIO_PLAYED for sound in film.streams.audio)
    )


class _Seen:
    """Counts the pictures that have been read, and stops at the limits."""

    def __init__(self, limits: FilmLimits, name: str, promised: int, progress: Told) -> None:
        self._limits, self._name = limits, name
        self._promised, self._progress = promised, progress
        self._count = 0

    def one(self, time_s: float) -> None:
        """Another, shown so many seconds after the first."""
        self._count += 1
        self._limits.check_length(self._count, time_s, self._name)
        self._progress(self._count, self._promised or None)


def _copy(
    film: InputContainer, video: VideoStream, out: OutputContainer, seen: _Seen, course: Course
) -> None:
    streams = {
        stream.index: out.add_stream_from_template(stream)
        for stream in (video, *film.streams.audio[:1])
    }
    for packet in film.demux():
        if packet.dts is None or packet.pts is None or packet.stream_index not in streams:
            continue
        shift = round(course.begin_s / packet.time_base)
        packet.pts -= shift
        packet.dts -= shift
        shown_s = packet.pts * packet.time_base
        if packet.stream_index == video.index:
            seen.one(float(shown_s))
        elif not 0 <= shown_s < course.end_s - course.begin_s + AFTER_S:
            continue
        packet.stream = streams[packet.stream_index]
        out.mux(packet)


def _transcode(
    film: InputContainer,
    video: VideoStream,
    out: OutputContainer,
    seen: _Seen,
    course: Course,
    span: tuple[float, float],
) -> None:
    from_s, to_s = span
    picture = PictureEncoder(video, out)
    sound_in = film.streams.audio[0] if film.streams.audio else None
    sound_until_s = min(to_s, course.seconds + AFTER_S)
    sound = (
        SoundEncoder(out, course.begin_s + Fraction(from_s), sound_until_s - from_s)
        if sound_in
        else None
    )
    for packet in film.demux([stream for stream in (video, sound_in) if stream]):
        if packet.stream_index != video.index and _begins_s(packet, course) > sound_until_s:
            continue
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame):
                shown_s = 0.0 if frame.time is None else frame.time - float(course.begin_s)
                seen.one(shown_s)
                if from_s <= shown_s < to_s:
                    picture.add(frame)
            elif sound and isinstance(frame, av.AudioFrame):
                sound.add(frame)
    picture.finish()
    if sound:
        sound.finish()


def _begins_s(packet: "Packet[Stream]", course: Course) -> float:
    """When what is in a packet begins, from the first picture on; 0 where it does not say."""
    if packet.pts is None or not packet.time_base:
        return 0.0
    return float(packet.pts * packet.time_base - course.begin_s)
