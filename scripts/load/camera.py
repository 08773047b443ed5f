"""A camera whose frames are encoded already: aiortc only cuts them into packets."""

import asyncio
import time
from fractions import Fraction
from typing import Final

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av.packet import Packet
from av.stream import Stream

from scripts.load.films import EncodedFilm
from scripts.load.seen import Sent

_RTP_HZ: Final = 90_000
_TIME_BASE: Final = Fraction(1, _RTP_HZ)
_NEARLY: Final = 0.01
"""Of a frame's time: two that are closer would have the same RTP time."""


class FilmCamera(MediaStreamTrack):
    """A film in a loop, each frame at its time; what a late frame pushed out is left out.

    A frame's RTP time is that of its sending, as a camera's is that of its exposure; so a sender
    that falls behind shows in what it counts, and not in the age of the server's results.

    Args:
        film: what it shows first.
        start_s: where in the film it begins.
        sent: where it counts; None counts anew.

    Attributes:
        sent: see above.
        began_ms: epoch milliseconds of the first frame's sending; its RTP time is 0.
    """

    kind = "video"

    def __init__(self, film: EncodedFilm, start_s: float = 0.0, sent: Sent | None = None) -> None:
        super().__init__()
        self.sent = Sent() if sent is None else sent
        self._film = film
        self._next = film.key_from(round(start_s * film.fps) % len(film.packets))
        self.began_ms = self._due_s = self._began_s = 0.0

    @property
    def fps(self) -> int:
        """Frames a second."""
        return self._film.fps

    @property
    def at_s(self) -> float:
        """Where in the film the next frame is."""
        return self._next / self._film.fps

    def show(self, film: EncodedFilm) -> None:
        """Go on with the same film at another rate or size, from its next key frame."""
        self._next = film.key_from(round(self.at_s * film.fps))
        self._film = film

    def ask_key(self) -> None:
        """The receiver cannot decode: go on from the next key frame."""
        self.sent.asked += 1
        self._next = self._film.key_from(self._next)

    async def recv(self) -> "Packet[Stream]":
        """The next frame at its time."""
        now_s = time.monotonic()
        if not self._began_s:
            self._began_s = self._due_s = now_s
            self.began_ms = time.time() * 1000
        elif now_s < self._due_s:
            await asyncio.sleep(self._due_s - now_s)
            now_s = time.monotonic()
        if self.readyState != "live":
            raise MediaStreamError
        late_s = now_s - self._due_s
        self.sent.late_ms.append(late_s * 1000)
        pushed_out = int(late_s * self.fps + _NEARLY)
        self.sent.missed += pushed_out
        self._due_s += (1 + pushed_out) / self.fps
        packet = Packet(self._film.packets[self._next])
        packet.pts, packet.time_base = int((now_s - self._began_s) * _RTP_HZ), _TIME_BASE
        self._next = (self._next + 1) % len(self._film.packets)
        self.sent.frames += 1
        return packet
