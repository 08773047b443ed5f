"""One student against one routine: pose in, judgement out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from coach_server.body.angles import Angle, wrap_degrees
from coach_server.body.keypoints import FloatArray, Keypoints
from coach_server.body.pose import Pose
from coach_server.coaching.alignment import Match
from coach_server.coaching.calibration import Calibrator, applies, bias
from coach_server.coaching.choices import USUAL, Choices
from coach_server.coaching.corrections import EXPLAINED_BY, JOINT_OF
from coach_server.coaching.cue import CueEvent
from coach_server.coaching.cues import LEAVE, CueEngine, HeldPose
from coach_server.coaching.deviation import Deviation, deviation
from coach_server.coaching.follower import Follower
from coach_server.coaching.in_view import visible
from coach_server.coaching.measured import Measured
from coach_server.coaching.motion import Motion, Steady
from coach_server.coaching.routine import Routine
from coach_server.coaching.silence import Silence, view_of

FOLLOWING_DEG: Final = 32.0
"""With the limbs further off than this (root mean square) the student does something else."""

LOST_JOINTS: Final = 4
"""With so many joints far off by themselves it is another pose, not a faulty one."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one frame of the student gave.

    Attributes:
        match: where in the routine the student is; None where that cannot be said.
        deviations: degrees, student minus reference, of the worst angle of each joint that is
            near or over its band, by names such as `left_knee`, `trunk`, the worst first; empty
            while nothing is judged.
        cues: what is new with this frame.
        silence: why nothing is judged; None while the student is.
        measured: the whole comparison; None while nothing is judged.
        wait: whether the film should wait for the student.
        mirrored: whether the student is followed as in a mirror.
        calibrated: whether the student's neutral stance is known.
    """

    match: Match | None = None
    deviations: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    cues: tuple[CueEvent, ...] = ()
    silence: Silence | None = None
    measured: Deviation | None = None
    wait: bool = False
    mirrored: bool = False
    calibrated: bool = False


class Coach:
    """Judges one student's poses against one routine, frame by frame."""

    def __init__(self, routine: Routine, choices: Choices = USUAL) -> None:
        self._routine = routine
        self._choices = choices
        self._motion = Motion()
        self._calibrator = Calibrator()
        self._cues = CueEngine(choices.language)
        self._follow()

    def configure(self, choices: Choices) -> None:
        """Go on as the student now chooses; what was said so far is remembered."""
        before, self._choices = self._choices, choices
        self._cues.language = choices.language
        if (choices.mirror, choices.tempo) != (before.mirror, before.tempo):
            self._follow()

    def _follow(self) -> None:
        """Begin to follow the routine as was chosen."""
        self._cues.lapse()
        self._follower = Follower(self._routine, self._choices)

    def prepare(self, keypoints: Keypoints, pose: Pose, t: float) -> Judgement:
        """Take in a frame of a student whose film has not begun: they may stand at ease."""
        hidden = view_of(keypoints)
        if hidden is None and visible(keypoints.points).sum() == len(keypoints.points):
            steady = self._motion.update(pose.joints, t)
            self._calibrate(steady, t)
        return self.silent(hidden or Silence.PAUSED, t)

    def judge(
        self, keypoints: Keypoints, pose: Pose, t: float, player_t: float, *, runs: bool
    ) -> Judgement:
        """Judge one frame.

        Args:
            keypoints: what the pose was lifted from.
            pose: the student's pose.
            t: seconds since the student's first frame.
            player_t: the player's time at the frame's capture, seconds on the routine's clock.
            runs: whether the player runs; nothing new is raised while it does not.
        """
        hidden = view_of(keypoints)
        if hidden is not None:
            return self.silent(hidden, t)
        steady = self._motion.update(pose.joints, t)
        self._calibrate(steady, t)
        match = self._follower.step(steady, t, player_t, self._calibrator.found)
        runs = runs or self._follower.waits  # a film that waits for the student is no pause
        if match is None or match.distance_deg > FOLLOWING_DEG:
            return replace(self.silent(Silence.NOT_FOLLOWING, t), match=match)
        if not steady.still or match.hold < 0:
            return replace(self.silent(Silence.MOVING, t), match=match)
        reference = self._follower.routine.references[match.hold]
        student = self._measured(steady.joints, pose.sigma, reference)
        found = deviation(student, keypoints.points, reference, self._choices.strictness)
        if _joints_far_off(found) >= LOST_JOINTS:
            return replace(self.silent(Silence.NOT_FOLLOWING, t), match=match)
        hold = self._routine.holds[match.hold]
        routine_t = min(max(match.routine_t, hold.start_s), hold.end_s)
        may_raise = runs and self._routine.is_followed(routine_t)
        cues = self._cues.update(t, routine_t, self._pose(match.hold), found, may_raise=may_raise)
        return self._judgement(
            match=match,
            deviations=_by_joint(found),
            cues=cues,
            silence=None if runs else Silence.PAUSED,
            measured=found,
        )

    def silent(self, reason: Silence, t: float) -> Judgement:
        """A frame that cannot be judged; what was building up is dropped."""
        self._cues.interrupt(t)
        return self._judgement(silence=reason)

    def seeked(self) -> None:
        """The player has jumped: the lag known so far says nothing any more."""
        self._follower.reset()
        self._cues.lapse()

    def _judgement(
        self,
        *,
        silence: Silence | None,
        match: Match | None = None,
        deviations: Mapping[str, float] = MappingProxyType({}),
        cues: tuple[CueEvent, ...] = (),
        measured: Deviation | None = None,
    ) -> Judgement:
        return Judgement(
            match=match,
            deviations=deviations,
            cues=cues,
            silence=silence,
            measured=measured,
            wait=self._follower.waits,
            mirrored=self._follower.mirrored,
            calibrated=self._calibrator.found is not None,
        )

    def _calibrate(self, steady: Steady, t: float) -> None:
        self._calibrator.update(steady.joints, t, still=steady.still)

    def _pose(self, hold: int) -> HeldPose:
        routine = self._follower.routine
        angles = routine.references[hold].angles
        alike, importance = int(routine.alike[hold]), routine.importance[hold]
        return HeldPose(hold, alike, angles, importance, routine.name(hold))

    def _measured(self, joints: FloatArray, sigma: FloatArray, reference: Measured) -> Measured:
        """The student's angles, as far as is known without what is misread."""
        known = self._calibrator.found
        if known is None:
            return Measured.of(joints, sigma)
        measured = Measured.of(known.levelled(joints), sigma, levelled=True)
        misread = bias(known, self._follower.routine.calibration) * applies(reference.angles)
        return replace(measured, angles=wrap_degrees(measured.angles - misread))


def _joints_far_off(found: Deviation) -> int:
    """How many joints are far off and are not explained by another one."""
    far = {angle for angle in Angle if found.far_off[angle]}
    return len({JOINT_OF[a] for a in far if far.isdisjoint(EXPLAINED_BY.get(a, ()))})


def _by_joint(found: Deviation) -> dict[str, float]:
    """The worst deviation of each joint that is near or over its band, the worst joint first."""
    excess = found.excess
    worst: dict[str, float] = {}
    for angle in sorted(Angle, key=lambda a: -excess[a]):
        if excess[angle] < LEAVE:
            break
        worst.setdefault(JOINT_OF[angle], float(np.round(found.degrees[angle], 1)))
    return worst
