"""Making a film that every browser plays: H.264 in mp4, index first."""

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeAlias

import av
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.video.frame import PictureType
from av.video.stream import VideoStream

from coach_server.errors import MediaError
from coach_server.video.limits import USUAL, FilmLimits
from coach_server.video.reader import open_container

_AUDIO_PLAYED: Final = {"aac", "mp3"}
_FASTSTART: Final = {"movflags": "+faststart"}
_X264: Final = {"preset": "veryfast", "crf": "23"}


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
    track's begin together.

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
    """
    name = called or source.name
    try:
        limits.check_bytes(source.stat().st_size, name)
        with (
            open_container(source, limits) as film,
            av.open(str(target), "w", format="mp4", options=_FASTSTART) as out,
        ):
            if not film.streams.video:
                raise MediaError(f"{name} holds no picture.", hint="Give a film.")
            video = film.streams.video[0]
            limits.check_picture(video.codec_context.width, video.codec_context.height, name)
            seen = _Seen(limits, name, video.frames, progress)
            if span is None and _plays(film, video):
                _copy(film, video, out, seen)
            else:
                _transcode(film, video, out, seen, span or (0.0, math.inf))
    except FileNotFoundError as error:
        raise MediaError(f"There is no file {source}.", hint="Check the path.") from error
    except (FFmpegError, ValueError) as error:
        raise MediaError(
            f"{name} cannot be read as a film: it is damaged, empty, or of a kind that is "
            "not supported.",
            hint="Give an mp4, mov, mkv, webm or avi file that plays in a video player.",
        ) from error


def is_playable(source: Path, limits: FilmLimits = USUAL) -> bool:
    """Whether browsers play a film as it is; False too of what cannot be read."""
    try:
        with open_container(source, limits) as film:
            return bool(film.streams.video) and _plays(film, film.streams.video[0])
    except (OSError, FFmpegError, ValueError):
        return False


def _plays(film: InputContainer, video: VideoStream) -> bool:
    return (
        "mp4" in film.format.name
        and video.codec_context.name == "h264"
        and video.codec_context.pix_fmt in ("yuv420p", "yuvj420p")
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


def _copy(film: InputContainer, video: VideoStream, out: OutputContainer, seen: _Seen) -> None:
    streams = {
        stream.index: out.add_stream_from_template(stream)
        for stream in (video, *film.streams.audio[:1])
    }
    begin_s = _begin_s(video)
    for packet in film.demux():
        if packet.dts is None or packet.pts is None or packet.stream_index not in streams:
            continue
        shift = round(begin_s / packet.time_base)
        packet.pts -= shift
        packet.dts -= shift
        if packet.pts < 0:  # sound from before the first picture
            continue
        if packet.stream_index == video.index:
            seen.one(float(packet.pts * packet.time_base))
        packet.stream = streams[packet.stream_index]
        out.mux(packet)


def _begin_s(video: VideoStream) -> Fraction:
    """When the first picture is shown, seconds on the container's clock."""
    return (video.start_time or 0) * (video.time_base or Fraction(0))


def _transcode(
    film: InputContainer,
    video: VideoStream,
    out: OutputContainer,
    seen: _Seen,
    span: tuple[float, float],
) -> None:
    begin_s = float(_begin_s(video))
    from_s, to_s = span
    picture = _Pictures(video, out)
    sound_in = film.streams.audio[0] if film.streams.audio else None
    sound = _Sound(out, _begin_s(video) + Fraction(from_s), to_s - from_s) if sound_in else None
    for packet in film.demux([stream for stream in (video, sound_in) if stream]):
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame):
                shown_s = (frame.time or begin_s) - begin_s
                seen.one(shown_s)
                if from_s <= shown_s < to_s:
                    picture.add(frame)
            elif sound and isinstance(frame, av.AudioFrame):
                sound.add(frame)
    picture.finish()
    if sound:
        sound.finish()


class _Pictures:
    """Encodes pictures as H.264 at the times they had, the first at 0."""

    def __init__(self, video: VideoStream, out: OutputContainer) -> None:
        rate = video.average_rate or video.guessed_rate or 30
        self._out = out
        self._stream = out.add_stream("libx264", rate=rate, options=_X264)
        # chroma is halved: sides must be even
        self._stream.width = max(2, video.codec_context.width // 2 * 2)
        self._stream.height = max(2, video.codec_context.height // 2 * 2)
        self._stream.pix_fmt = "yuv420p"
        if video.time_base:
            self._stream.codec_context.time_base = video.time_base
        self._first: int | None = None
        self._last = -1

    def add(self, frame: av.VideoFrame) -> None:
        """Encode a frame; one that is not shown later than the last is left out."""
        if self._first is None:
            self._first = frame.pts or 0
            self._stream.set_display_rotation(frame.rotation)
        pts = (frame.pts if frame.pts is not None else self._last + 1) - self._first
        if pts <= self._last:
            return
        self._last = pts
        shown = frame.reformat(self._stream.width, self._stream.height, "yuv420p", threads=1)
        shown.pict_type = PictureType.NONE
        shown.pts = pts
        self._out.mux(self._stream.encode(shown))

    def finish(self) -> None:
        self._out.mux(self._stream.encode(None))


class _Sound:
    """Encodes sound as AAC, from `begin_s` on the container's clock, for so many seconds."""

    def __init__(self, out: OutputContainer, begin_s: Fraction, seconds: float) -> None:
        self._out = out
        self._begin_s = begin_s
        self._seconds = seconds
        self._stream = out.add_stream("aac", rate=48_000)
        self._resampler = AudioResampler(format="fltp", layout="stereo", rate=48_000)

    def add(self, frame: av.AudioFrame) -> None:
        if frame.pts is not None and frame.time_base:
            frame.pts -= round(self._begin_s / frame.time_base)
            if frame.pts < 0 or float(frame.pts * frame.time_base) >= self._seconds:
                return
        for piece in self._resampler.resample(frame):
            self._out.mux(self._stream.encode(piece))

    def finish(self) -> None:
        for piece in self._resampler.resample(None):
            self._out.mux(self._stream.encode(piece))
        self._out.mux(self._stream.encode(None))
