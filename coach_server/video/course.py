"""How a film goes on: when its pictures are shown, and whether its packets say so by themselves."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from coach_server.errors import MediaError
from coach_server.video.limits import FilmLimits

_SQUARE: Final = 0.01
"""How far from 1 the aspect of a pixel is taken for rounding: nobody sees it."""


@dataclass(frozen=True, slots=True)
class Course:
    """The course of a film, as its packets tell it.

    Attributes:
        begin_s: when the first picture that can be decoded is shown, on the container's clock.
        end_s: when the last is.
        pictures: how many there are to be shown; what an edit list hides is left out.
        straight: the first packet is the first picture that is shown, nothing is hidden, and each
            packet is decoded after the one before: copied, they are shown at the same times.
    """

    begin_s: Fraction
    end_s: Fraction
    pictures: int
    straight: bool

    @property
    def seconds(self) -> float:
        """From the first picture to the last."""
        return float(self.end_s - self.begin_s)


def course_of(film: InputContainer, video: VideoStream, limits: FilmLimits, called: str) -> Course:
    """Read all packets of a film's pictures, and decode the first picture.

    An edit list hides pictures that others need to be decoded: what `ffmpeg -ss ... -c copy` or a
    phone's cut leaves before the first picture that is shown begins at its key frame.

    Raises:
        MediaError: no picture can be decoded, or all are shown at one time.
        TooLargeError: there are too many, or it goes on for too long.
    """
    tick = video.time_base or Fraction(0)
    shown = _Shown()
    frames: list[av.VideoFrame] = []
    try:
        for packet in film.demux(video):
            if packet.size == 0:
                continue
            frames = frames or packet.decode()
            shown.add(packet)
            limits.check_length(shown.count, float(shown.ticks * tick), called)
        frames = frames or video.decode()
    except (FFmpegError, ValueError, MemoryError) as error:
        raise unreadable(called) from error
    if not frames:
        raise unreadable(called)
    if shown.count > 1 and shown.least is not None and shown.ticks == 0:
        raise at_one_time(called)
    begin = shown.least or 0 if frames[0].pts is None else frames[0].pts
    return Course(
        begin_s=begin * tick,
        end_s=max(begin, shown.most) * tick,
        pictures=shown.count,
        straight=shown.straight and begin == shown.least == shown.first,
    )


class _Shown:
    """What the packets of the pictures to be shown have told so far, in ticks of their clock."""

    def __init__(self) -> None:
        self.count = self.most = 0
        self.first: int | None = None
        self.least: int | None = None
        self.straight = True
        self._dts: int | None = None

    @property
    def ticks(self) -> int:
        """From the first picture to the last."""
        return self.most - (self.least or 0)

    def add(self, packet: "Packet[VideoStream]") -> None:
        """Another, in the order in which they are decoded."""
        if packet.is_discard:
            self.straight = False
            return
        self.count += 1
        if packet.pts is None or packet.dts is None:
            self.straight = False
        if packet.pts is not None:
            if self.least is None:
                self.first = self.least = self.most = packet.pts
                self.straight = self.straight and packet.is_keyframe
            self.least, self.most = min(self.least, packet.pts), max(self.most, packet.pts)
        if packet.dts is not None:
            self.straight = self.straight and (self._dts is None or packet.dts > self._dts)
            self._dts = packet.dts


def promised(film: InputContainer, video: VideoStream) -> int:
    """How many pictures a film's index names; without those an edit list hides; 0: no index."""
    if not video.frames or "mp4" not in film.format.name:
        return video.frames
    shown = sum(not entry.is_discard for entry in video.index_entries)
    return min(video.frames, shown) if shown else video.frames


def square_width(video: VideoStream) -> int:
    """How wide the pictures are, as they are stored, once their pixels are made square."""
    width = video.codec_context.width
    aspect = video.sample_aspect_ratio or Fraction(1)
    return width if abs(float(aspect) - 1) < _SQUARE else max(2, round(width * aspect))


def unreadable(called: str) -> MediaError:
    """What is said of a film that cannot be decoded."""
    return MediaError(
        f"{called} cannot be read as a film: it is damaged, empty, or of a kind that is not "
        "supported.",
        hint="Give an mp4, mov, mkv, webm or avi file that plays in a video player.",
    )


def cut_short(called: str, has: str) -> MediaError:
    """What is said of a film that has less than it says."""
    return MediaError(
        f"{called} is cut short: it has {has}.", hint="Copy or upload it again.", code="cut_short"
    )


def at_one_time(called: str) -> MediaError:
    """What is said of a film whose pictures are all shown at once."""
    return MediaError(
        f"All pictures of {called} are shown at one time.",
        hint="Save it anew as mp4 with a video editor.",
    )
