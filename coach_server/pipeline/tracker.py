"""From a picture to a pose: detector, swap guard, lifter. Live and recorded film alike."""

from dataclasses import dataclass
from typing import Final

from coach_server.body.keypoints import Keypoints
from coach_server.body.pose import Pose
from coach_server.inference.protocols import (
    Frame,
    KeypointDetector,
    Lifter,
    Planes,
    PlanesDetector,
)
from coach_server.pipeline.swap_guard import SwapGuard, Verdict

GAP_S: Final = 0.5
"""After a longer gap without a person the lifter and the guard start anew."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """The person in one frame.

    Attributes:
        keypoints: after the guard's repair.
        pose: lifted from them.
        sides_sure: whether left and right can be told apart.
    """

    keypoints: Keypoints
    pose: Pose
    sides_sure: bool


class PoseTracker:
    """Follows one person through the frames of one film or camera."""

    def __init__(self, detector: KeypointDetector, lifter: Lifter) -> None:
        self._detector = detector
        self._in_planes = detector if isinstance(detector, PlanesDetector) else None
        self._lifter = lifter
        self._guard = SwapGuard()
        self._seen_t: float | None = None

    def close(self) -> None:
        """Give back what the engines share with others; afterwards there are no more steps."""
        self._detector.close()
        self._lifter.close()

    @property
    def takes_planes(self) -> bool:
        """Whether frames may come as `Planes`."""
        return self._in_planes is not None

    def step(self, frame: Frame, t: float) -> Tracked | None:
        """The person at `t` (seconds, increasing); None where nobody is found."""
        found = self._find(frame)
        if found is None:
            return None
        if self._seen_t is not None and t - self._seen_t > GAP_S:
            self._lifter.reset()
            self._guard.reset()
        self._seen_t = t
        guarded = self._guard.check(found)
        pose = self._lifter.lift(guarded.keypoints, t)
        return Tracked(guarded.keypoints, pose, guarded.verdict is not Verdict.UNSURE)

    def _find(self, frame: Frame) -> Keypoints | None:
        if self._in_planes is not None:
            return self._in_planes.detect_in(frame)
        if isinstance(frame, Planes):
            raise TypeError(f"the engine {self._detector.name} reads RGB alone")
        return self._detector.detect(frame)
