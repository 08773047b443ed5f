"""Encoding what every browser plays: pictures as H.264, sound as AAC."""

from fractions import Fraction
from typing import Final

import av
from av.audio.resampler import AudioResampler
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.stream import VideoStream

from coach_server.video.course import square_width

_X264: Final = {"preset": "veryfast", "crf": "23"}


class PictureEncoder:
    """Encodes pictures with square pixels at the times they had, the first at 0."""

    def __init__(self, video: VideoStream, out: OutputContainer) -> None:
        rate = video.average_rate or video.guessed_rate or 30
        self._out = out
        self._stream = out.add_stream("libx264", rate=rate, options=_X264)
        # chroma is halved: sides must be even
        self._stream.width = max(2, square_width(video) // 2 * 2)
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
        """Encode what is left."""
        self._out.mux(self._stream.encode(None))


class SoundEncoder:
    """Encodes sound, from `begin_s` on the container's clock, for so many seconds."""

    def __init__(self, out: OutputContainer, begin_s: Fraction, seconds: float) -> None:
        self._out = out
        self._begin_s = begin_s
        self._seconds = seconds
        self._follows = Fraction(0)
        self._stream = out.add_stream("aac", rate=48_000)
        self._resampler = AudioResampler(format="fltp", layout="stereo", rate=48_000)

    def add(self, frame: av.AudioFrame) -> None:
        """Encode a frame; one that begins outside of the stretch is left out."""
        at_s = self._follows
        if frame.pts is not None and frame.time_base:
            frame.pts -= round(self._begin_s / frame.time_base)
            at_s = frame.pts * frame.time_base
        self._follows = at_s + Fraction(frame.samples, frame.sample_rate)
        if not 0 <= at_s < self._seconds:
            return
        for piece in self._resampler.resample(frame):
            self._out.mux(self._stream.encode(piece))

    def finish(self) -> None:
        """Encode what is left."""
        for piece in self._resampler.resample(None):
            self._out.mux(self._stream.encode(piece))
        self._out.mux(self._stream.encode(None))
