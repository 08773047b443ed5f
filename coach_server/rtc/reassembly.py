"""From packets to encoded frames, where packets are lost: subclasses of aiortc's own (pinned).

Stock aiortc asks for a lost packet once, and once more whenever another is lost; hands out one
frame a packet, so that frames which waited behind a gap stay late for good; and waits for what
never comes until 512 packets have followed.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RtpPacket
from aiortc.utils import uint16_add, uint16_gt

GIVE_UP_S: Final = 0.5
"""How long a gap holds the picture up, until the page is asked for one that needs none before."""

MOST_ASKED: Final = 10
"""Times that one packet is asked for."""

REMEMBERED: Final = 128
"""Packets behind the newest that are still asked for; so many does aiortc keep to send again."""

FIRST_RTT_S: Final = 0.05
LEAST_WAIT_S: Final = 0.02
RTT_WEIGHT: Final = 0.2
"""Of the newest packet that was asked for in how long it takes until one comes."""

_ANNEX_B: Final = b"\0\0\0\1"
_H264_KEYS: Final = (5, 7)
"""NAL units of a picture that needs none before, and of what precedes it."""

Clock = Callable[[], float]


class MarkerJitterBuffer(JitterBuffer):
    """Hands a video frame out with its last packet, which bears the RTP marker bit.

    The stock buffer waits for the first packet of the next frame: one frame, 33 ms, late. `add`
    gives the first frame that is whole, `further` those that are whole behind it.

    Attributes:
        skipped: whole frames that were given up, for one before them was.
    """

    def __init__(self, now: Clock = time.monotonic) -> None:
        super().__init__(capacity=512, is_video=True)
        self.skipped = 0
        self._now = now
        self._stuck_s: float | None = None
        self._needs_key = False

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Take a packet; gives whether a key frame is to be asked for, and a frame."""
        asks, frame = super().add(packet)
        if frame is not None:
            self._stuck_s = None
        elif packet.marker and self._stuck_s is None:
            self._stuck_s = self._now()  # a frame has ended, and another one before it has not
        elif self._stuck_s is not None and self._now() - self._stuck_s >= GIVE_UP_S:
            self._stuck_s = self._now()
            if self._has_gap():
                self._skip_gap()
            return True, self._remove_frame(packet.sequence_number)
        return asks, frame

    def further(self) -> Iterator[JitterFrame]:
        """Frames that waited behind the one that `add` gave."""
        while (frame := self._remove_frame(0)) is not None:
            yield frame

    def _has_gap(self) -> bool:
        """Whether a packet is missing before one that is here: else a frame is on its way."""
        missing = False
        for offset in range(self._capacity):
            if self._at(offset) is None:
                missing = True
            elif missing:
                return True
        return False

    def _skip_gap(self) -> None:
        """Go on behind what is missing; nothing is a picture until a key frame comes."""
        self._needs_key = True
        first: RtpPacket | None = None
        missing = False
        for _ in range(self._capacity):
            packet = self._at(0)
            if packet is None:
                missing = True
            elif missing and first is not None and packet.timestamp != first.timestamp:
                return  # the first packet of a frame: those before it were whole or are lost
            first = packet or first
            self.remove(1)

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        del sequence_number  # the frame that is due begins at the buffer's own origin
        while count := self._complete():
            packets: list[Any] = [self._at(offset) for offset in range(count)]
            self.remove(count)
            data = b"".join(packet._data for packet in packets)  # noqa: SLF001  # set by the receiver
            if not data:
                continue  # mere padding is no frame: to the decoder it would be the stream's end
            if self._needs_key and not is_key_frame(data):
                self.skipped += 1
                continue
            self._needs_key = False
            return JitterFrame(data=data, timestamp=packets[0].timestamp)
        return None

    def _complete(self) -> int:
        """How many packets make the first frame; 0 while one of them is missing."""
        timestamp: int | None = None
        for count in range(self._capacity):
            packet = self._at(count)
            if packet is None:
                return 0
            if timestamp is not None and packet.timestamp != timestamp:
                return count  # the marker was not set: as the stock buffer
            timestamp = packet.timestamp
            if packet.marker:
                return count + 1
        return 0

    def _at(self, offset: int) -> RtpPacket | None:
        if self._origin is None:  # before the first packet
            return None
        return self._packets[(self._origin + offset) % self._capacity]


def is_key_frame(data: bytes) -> bool:
    """Whether a frame of VP8, or of H264 in Annex B, can be decoded without those before it."""
    if not data.startswith(_ANNEX_B):
        return not data[0] & 1
    units = data.split(_ANNEX_B)[1:]
    return any(unit and unit[0] & 0x1F in _H264_KEYS for unit in units)


@dataclass(slots=True)
class _Awaited:
    asked_s: float = 0.0
    due_s: float = 0.0
    asked: int = 0


class PersistentNacks(NackGenerator):
    """Asks for a lost packet until it comes, each time after the way there and back.

    Attributes:
        missing: packets to ask for now, as `add` has left them.
    """

    def __init__(self, now: Clock = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._awaited: dict[int, _Awaited] = {}
        self._rtt_s = FIRST_RTT_S

    def add(self, packet: RtpPacket) -> bool:
        """Note a packet that came; gives whether there are some to ask for."""
        number = packet.sequence_number
        newest = self.max_seq
        if newest is None:
            self.max_seq = number
            return False
        if uint16_gt(number, newest):
            self.max_seq = number
            gap = uint16_add(number, -newest) - 1
            for behind in range(min(gap, REMEMBERED), 0, -1):
                self._awaited[uint16_add(number, -behind)] = _Awaited()
        elif self._awaited:
            self._came(number)
        if not self._awaited:
            return False
        self.missing = set(self._due(self._now()))
        return bool(self.missing)

    def _came(self, number: int) -> None:
        awaited = self._awaited.pop(number, None)
        if awaited is not None and awaited.asked == 1:
            took_s = self._now() - awaited.asked_s
            self._rtt_s += RTT_WEIGHT * (took_s - self._rtt_s)

    def _due(self, now_s: float) -> Iterator[int]:
        oldest = uint16_add(self.max_seq or 0, -REMEMBERED)
        for number, awaited in list(self._awaited.items()):
            if awaited.asked >= MOST_ASKED or uint16_gt(oldest, number):
                del self._awaited[number]
            elif awaited.due_s <= now_s:
                awaited.asked += 1
                awaited.asked_s = now_s
                awaited.due_s = now_s + max(LEAST_WAIT_S, 1.5 * self._rtt_s)
                yield number
