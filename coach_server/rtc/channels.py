"""The two data channels of a student: `pose` may lose messages, `control` may not."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from aiortc import RTCDataChannel
from numpy.typing import NDArray

from coach_server.rtc.messages import (
    MAX_CONTROL_BYTES,
    MalformedMessageError,
    PageMessage,
    control_message,
    parse_page_message,
    pose_message,
)

MESSAGES_PER_S: Final = 20.0
BURST: Final = 40.0
"""A page sends one `player` a second and one on every change; holding a seek bar gives a few."""

MAX_STRIKES: Final = 3
MAX_BUFFERED: Final = 64 * 1024
"""Bytes of control messages that may wait for a page that does not take them."""


class TokenBucket:
    """`rate` events a second, `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at_s: float | None = None

    def takes(self, now_s: float) -> bool:
        """Whether an event at `now_s` is within the rate."""
        if self.wait_s(now_s) > 0.0:
            return False
        self._tokens -= 1.0
        return True

    def wait_s(self, now_s: float) -> float:
        """How long after `now_s` an event is within the rate; 0 where it is at once."""
        if self._at_s is not None:
            self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._rate)
        self._at_s = now_s
        return max(0.0, (1.0 - self._tokens) / self._rate)


class PoseChannel:
    """Results to the page, at most one a frame, never one behind another.

    Args:
        on_message: called where the page says something on it, which none does.

    Attributes:
        sent: messages handed to the transport.
        skipped: messages not sent because one was still waiting or the channel is not open.
    """

    def __init__(self, on_message: Callable[[], None]) -> None:
        self.sent = 0
        self.skipped = 0
        self._on_message = on_message
        self._channel: RTCDataChannel | None = None

    def bind(self, channel: RTCDataChannel) -> bool:
        """The page has opened the channel; False, and nothing changes, where it has one already."""
        if self._channel is not None:
            return False
        self._channel = channel
        said = self._on_message
        channel.on("message", lambda _message: said())
        return True

    def send(
        self,
        *,
        seq: int,
        t: float,
        capture_ms: float | None,
        keypoints: NDArray[np.float32] | None,
        joints: NDArray[np.float32] | None,
        lag_s: float | None,
        routine_t: float | None,
        deviations: Mapping[str, float],
    ) -> None:
        """Send one frame's result as `messages.pose_message` writes it, or skip it."""
        channel = self._channel
        if channel is None or channel.readyState != "open" or channel.bufferedAmount > 0:
            self.skipped += 1
            return
        channel.send(
            pose_message(
                seq=seq,
                t=t,
                capture_ms=capture_ms,
                keypoints=keypoints,
                joints=joints,
                lag_s=lag_s,
                routine_t=routine_t,
                deviations=deviations,
            )
        )
        self.sent += 1


class ControlChannel:
    """Cues and states to the page, its player and settings back.

    The page is not trusted: what is too large, too often, binary or no JSON, or comes by any other
    channel, is ignored, counted and a strike; `on_abuse` is called with the third. Well-formed JSON
    with a wrong field is ignored and counted, an unknown type as well: a newer page must be able to
    talk to us.

    Attributes:
        ignored: messages not acted on, by the reason why.
        lost: messages of ours that the page did not take.
    """

    def __init__(
        self,
        *,
        on_message: Callable[[PageMessage], None],
        on_abuse: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        self.ignored: Counter[str] = Counter()
        self.lost = 0
        self._on_message = on_message
        self._on_abuse = on_abuse
        self._now = now
        self._bucket = TokenBucket(MESSAGES_PER_S, BURST)
        self._strikes = 0
        self._flooded_at_s = -1.0
        self._channel: RTCDataChannel | None = None

    def bind(self, channel: RTCDataChannel) -> bool:
        """The page has opened the channel; False, and nothing changes, where it has one already."""
        if self._channel is not None:
            return False
        self._channel = channel
        channel.on("message", self.receive)
        return True

    @property
    def is_open(self) -> bool:
        """Whether a message would be on its way at once."""
        return self._channel is not None and self._channel.readyState == "open"

    def send(self, kind: str, **fields: object) -> None:
        """Send a message; lost (and counted) while the page cannot take it."""
        channel = self._channel
        if channel is None or not self.is_open or channel.bufferedAmount > MAX_BUFFERED:
            self.lost += 1
            return
        channel.send(control_message(kind, **fields))

    def close(self) -> None:
        """Let go of who listens: in a circle with them, all that they hold would wait for gc."""
        self._on_message = lambda _message: None
        self._on_abuse = lambda: None

    def receive(self, message: str | bytes) -> None:
        """A message of the page; never raises: aiortc would end the connection."""
        now_s = self._now()
        if not self._bucket.takes(now_s):
            self.ignored["flood"] += 1
            if now_s - self._flooded_at_s >= 1.0:  # one strike for each second of it
                self._flooded_at_s = now_s
                self._strike()
            return
        if len(message) > MAX_CONTROL_BYTES:
            self.refuse("oversize")
        elif isinstance(message, bytes):
            self.refuse("binary")
        else:
            self._act_on(message)

    def _act_on(self, text: str) -> None:
        try:
            parsed = parse_page_message(text)
        except MalformedMessageError as error:
            if error.__cause__ is not None:
                self.refuse("no_json")
            else:
                self.ignored["malformed"] += 1
            return
        if parsed is None:
            self.ignored["unknown_type"] += 1
        else:
            self._on_message(parsed)

    def refuse(self, why: str) -> None:
        """Something that no page does: counted, and a strike."""
        self.ignored[why] += 1
        self._strike()

    def _strike(self) -> None:
        self._strikes += 1
        if self._strikes == MAX_STRIKES:
            self._on_abuse()
