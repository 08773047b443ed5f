"""The student's clock: seconds since the first frame, forward only."""

from typing import Final

from coach_server.coaching.player import PlayerClock
from coach_server.rtc.messages import PlayerMessage

RTP_HZ: Final = 90_000
FRAME_S: Final = 1 / 30
JUMP_S: Final = 2.0
"""RTP and arrival may differ by what the network delays; beyond this the RTP clock has jumped."""


class FrameClock:
    """Seconds since a student's first frame, from RTP time, across connections.

    RTP time has none of the network's jitter. Each connection counts it from another start, and a
    page may make it jump: there the time of arrival bridges the gap.
    """

    def __init__(self) -> None:
        self._t = 0.0
        self._rtp: int | None = None
        self._arrived_s: float | None = None

    def restart(self) -> None:
        """The next frame comes over a new connection."""
        self._rtp = None

    def tick(self, rtp: int, arrived_s: float) -> float | None:
        """`t` of a frame; None where it is not later than the one before.

        Args:
            rtp: its RTP time, unwrapped, 90 kHz.
            arrived_s: when it arrived, in seconds on a monotonic clock.
        """
        if self._arrived_s is None:
            self._rtp, self._arrived_s = rtp, arrived_s
            return self._t
        waited_s = arrived_s - self._arrived_s
        moved_s = (rtp - self._rtp) / RTP_HZ if self._rtp is not None else None
        if moved_s is None or abs(moved_s - waited_s) > JUMP_S:
            moved_s = max(waited_s, FRAME_S)
        if moved_s <= 0:
            return None
        self._t += moved_s
        self._rtp, self._arrived_s = rtp, arrived_s
        return self._t


def player_clock(
    player: PlayerMessage | None, capture_ms: float | None, t: float, end_s: float
) -> PlayerClock | None:
    """The player's clock as the coach reads it: on the clock of `t`.

    Frame and player are both placed on the page's clock, so the way to us does not matter.

    Args:
        player: the page's last word; None where there was none yet.
        capture_ms: when the frame was captured, on the page's clock; None where not known.
        t: the same on the student's clock.
        end_s: the routine's length in seconds.
    """
    if player is None or capture_ms is None:
        return None
    return PlayerClock(
        t=player.t,
        playing=player.playing,
        rate=player.rate,
        at_s=t + (player.at_ms - capture_ms) / 1000,
        end_s=end_s,
    )
