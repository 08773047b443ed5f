"""What a simulated webcam has seen of the coach."""

import time
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Sent:
    """What a webcam has sent since `clear`, over all its connections.

    Attributes:
        frames: sent.
        missed: times of frames that passed while an earlier one was late.
        asked: for key frames, by the receiver.
        late_ms: of each frame: how late it was sent.
    """

    frames: int = 0
    missed: int = 0
    asked: int = 0
    late_ms: "array[float]" = field(default_factory=lambda: array("f"))

    def clear(self) -> None:
        """Count anew."""
        self.frames = self.missed = self.asked = 0
        del self.late_ms[:]


@dataclass(slots=True)
class Join:
    """One way in.

    Attributes:
        answer_ms: from the offer's leaving to the answer.
        first_pose_ms: from the offer's leaving to the first pose; None until it comes.
    """

    answer_ms: float
    first_pose_ms: float | None = None


@dataclass(slots=True)
class Seen:
    """Counts since the last `take`; its memory grows with the poses until then.

    Attributes:
        poses: messages on `pose`; `bodies` of them with a body, `undated` with no capture time.
        ages_ms: of each dated pose: capture to arrival, on this machine's clock.
        at_s: when each of those arrived, on the monotonic clock.
        controls: messages on `control`, by type.
        byes: of the server, by reason.
        refused: offers, by HTTP status; 0 where the server could not be reached.
        joins: ways in.
        lost: connections that ended without our wish.
        broken: messages that are not what the protocol says.
    """

    poses: int = 0
    bodies: int = 0
    undated: int = 0
    ages_ms: "array[float]" = field(default_factory=lambda: array("f"))
    at_s: "array[float]" = field(default_factory=lambda: array("d"))
    controls: Counter[str] = field(default_factory=Counter)
    byes: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    joins: list[Join] = field(default_factory=list)
    lost: int = 0
    broken: int = 0

    def pose(self, message: dict[str, Any]) -> None:
        """A pose has come."""
        self.poses += 1
        self.bodies += message["keypoints"] is not None
        captured_ms = message["capture_ms"]
        if captured_ms is None:
            self.undated += 1
        else:
            self.ages_ms.append(time.time() * 1000 - captured_ms)
            self.at_s.append(time.monotonic())
