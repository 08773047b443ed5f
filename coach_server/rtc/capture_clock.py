"""When a frame was captured, on the page's own clock."""

from collections import deque
from typing import Final

NTP_TO_UNIX_S: Final = 2_208_988_800
"""Seconds from NTP's epoch (1900) to Unix's (1970)."""

RTP_PER_MS: Final = 90
"""Video runs at 90 kHz in RTP (RFC 3551)."""

DISTRUST_MS: Final = 2000
"""A sender report further than this from what arrival times say is not on the page's clock."""

MOVED_MS: Final = 60_000
"""No message is under way for so long: where one seems to be, the page's clock was put back."""


class CaptureClock:
    """Maps RTP times to epoch milliseconds on the page's clock.

    RTCP sender reports pair RTP time with the page's wall clock, which is right to about a
    millisecond. The first one comes up to 1.5 s after the first frame. Until then a frame's
    arrival is mapped by the page's `player` messages: each says when it was sent (`at_ms`), so the
    smallest difference to its arrival is the offset of the two clocks plus the way here, which a
    frame has to go as well. That is late by what encoding and decoding take, some 20 ms.

    Attributes:
        distrusted: frames whose sender report was at odds with the page's messages.
    """

    def __init__(self) -> None:
        self.distrusted = 0
        self._report: tuple[float, int] | None = None
        self._offsets_ms: deque[float] = deque(maxlen=30)

    def sender_report(self, ntp: int, rtp: int) -> None:
        """An RTCP sender report: 64-bit NTP time and the RTP time of the same instant."""
        self._report = ((ntp / 2**32 - NTP_TO_UNIX_S) * 1000, rtp)

    def page_said(self, at_ms: float, arrived_s: float) -> None:
        """A message the page sent at `at_ms` (its clock) arrived at `arrived_s` (ours)."""
        offset_ms = arrived_s * 1000 - at_ms
        if self._offsets_ms and offset_ms - min(self._offsets_ms) > MOVED_MS:
            self._offsets_ms.clear()
        self._offsets_ms.append(offset_ms)

    def capture_ms(self, rtp: int, arrived_s: float) -> float | None:
        """Epoch ms on the page's clock of the frame of RTP time `rtp`; None while unknown."""
        by_arrival = arrived_s * 1000 - min(self._offsets_ms) if self._offsets_ms else None
        if self._report is None:
            return by_arrival
        report_ms, report_rtp = self._report
        since = (rtp - report_rtp + 2**31) % 2**32 - 2**31
        by_report = report_ms + since / RTP_PER_MS
        if by_arrival is not None and abs(by_report - by_arrival) > DISTRUST_MS:
            self.distrusted += 1
            return by_arrival
        return by_report
