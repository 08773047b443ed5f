"""One student's frames to cues: live camera and recorded film run through the same steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from coach_server.body.keypoints import Keypoints
from coach_server.body.pose import Pose
from coach_server.coaching.choices import USUAL, Choices
from coach_server.coaching.coach import Coach, Judgement
from coach_server.coaching.cue import CueEvent
from coach_server.coaching.deviation import Deviation
from coach_server.coaching.player import PlayerClock
from coach_server.coaching.routine import Routine
from coach_server.coaching.silence import Silence
from coach_server.inference.protocols import Frame, KeypointDetector, Lifter
from coach_server.pipeline.tracker import PoseTracker, Tracked

SEEK_S: Final = 1.5
"""The player is where its clock says within this, or has stalled for a moment; more is a seek."""


@dataclass(frozen=True, slots=True)
class FrameResult:
    """What one frame of the student gave.

    Attributes:
        t: seconds since the student's first frame.
        keypoints: None where nobody was found.
        pose: None where nobody was found.
        routine_t: the matched instructor time in seconds; None where there is no match.
        lag_s: player's time minus matched time, positive behind; None where there is no match.
        deviations: degrees, student minus reference, of the worst angle of each joint that is
            near or over its band, by names such as `left_knee`, `trunk`, the worst first.
        cues: what is new with this frame.
        silence: why nothing can be said now; None while the student is being judged.
        hold: index of the hold that the student is in, -1 in none.
        measured: the whole comparison; None while nothing is judged.
        wait: whether the film should wait for the student.
        mirrored: whether the student is followed as in a mirror.
        calibrated: whether the student's neutral stance is known.
    """

    t: float
    keypoints: Keypoints | None
    pose: Pose | None
    routine_t: float | None
    lag_s: float | None
    deviations: Mapping[str, float]
    cues: tuple[CueEvent, ...]
    silence: Silence | None
    hold: int = -1
    measured: Deviation | None = None
    wait: bool = False
    mirrored: bool = False
    calibrated: bool = False

    @property
    def still(self) -> bool:
        """Whether the frame was not read, for nothing had moved since an earlier one."""
        return self.keypoints is not None and self.keypoints.repeated


class StudentPipeline:
    """Everything between one student's frame and what is said about it. Synchronous."""

    def __init__(
        self,
        detector: KeypointDetector,
        lifter: Lifter,
        routine: Routine,
        choices: Choices = USUAL,
    ) -> None:
        self._tracker = PoseTracker(detector, lifter)
        self._coach = Coach(routine, choices)
        self._clock_then: tuple[float, float] | None = None

    def configure(self, choices: Choices) -> None:
        """Go on as the student now chooses."""
        self._coach.configure(choices)

    def close(self) -> None:
        """Give back what the engines share with others; afterwards there are no more steps."""
        self._tracker.close()

    @property
    def takes_planes(self) -> bool:
        """Whether frames may come as `Planes`."""
        return self._tracker.takes_planes

    def step(self, frame: Frame, t: float, clock: PlayerClock | None) -> FrameResult:
        """Take in one frame.

        Args:
            frame: the upright picture.
            t: seconds since the student's first frame, increasing.
            clock: the player, on the same clock as `t`; None while it has not started.
        """
        tracked = self._tracker.step(frame, t)
        if clock is not None:
            self._notice_seek(clock, t)
        if tracked is None:
            judgement = self._coach.silent(Silence.NO_PERSON, t)
        elif not tracked.sides_sure:
            judgement = self._coach.silent(Silence.SIDES_UNSURE, t)
        elif clock is None:
            judgement = self._coach.prepare(tracked.keypoints, tracked.pose, t)
        else:
            judgement = self._coach.judge(
                tracked.keypoints, tracked.pose, t, clock.position(t), runs=clock.runs(t)
            )
        return _result(t, tracked, judgement)

    def _notice_seek(self, clock: PlayerClock, t: float) -> None:
        position = clock.position(t)
        if self._clock_then is not None:
            then_t, then_position = self._clock_then
            expected = then_position + (t - then_t) * clock.rate
            # a pause leaves the film behind the expected time: only a jump is a seek
            if position < then_position - SEEK_S or position > expected + SEEK_S:
                self._coach.seeked()
        self._clock_then = (t, position)


def _result(t: float, tracked: Tracked | None, judgement: Judgement) -> FrameResult:
    match = judgement.match
    return FrameResult(
        t=t,
        keypoints=tracked.keypoints if tracked else None,
        pose=tracked.pose if tracked else None,
        routine_t=match.routine_t if match else None,
        lag_s=match.lag_s if match else None,
        deviations=judgement.deviations,
        cues=judgement.cues,
        silence=judgement.silence,
        hold=match.hold if match else -1,
        measured=judgement.measured,
        wait=judgement.wait,
        mirrored=judgement.mirrored,
        calibrated=judgement.calibrated,
    )
