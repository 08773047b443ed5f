"""One student against one routine: pose in, judgement out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.body.keypoints import Keypoints
from coach_server.body.pose import Pose
from coach_server.coaching.choices import USUAL, Choices
from coach_server.coaching.corrections import CORRECTIONS, EXPLAINED_BY
from coach_server.coaching.cue import CueEvent, Side
from coach_server.coaching.cues import LEAVE, CueEngine
from coach_server.coaching.deviation import (
    Deviation,
    Reference,
    deviation,
    visible,
)
from coach_server.coaching.matching import Match, Matcher
from coach_server.coaching.motion import Motion
from coach_server.coaching.routine import Routine

FOLLOWING_DEG: Final = 32.0
"""With the limbs further off than this (root mean square) the student does something else."""

FAR_OFF: Final = 1.5
"""A joint is far off from this multiple of its band."""

LOST_JOINTS: Final = 4
"""With so many joints far off by themselves it is another pose, not a faulty one."""

FEWEST_SEEN: Final = 12
"""With fewer keypoints in view than this the body is not in the frame."""


class Silence(StrEnum):
    """Why the coach says nothing at present."""

    NO_PERSON = "no_person"
    OUT_OF_FRAME = "out_of_frame"
    SIDES_UNSURE = "sides_unsure"
    NOT_FOLLOWING = "not_following"
    PAUSED = "paused"
    MOVING = "moving"


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
        self._cues = CueEngine()
        self._follow(routine.followed(choices.mirror))

    def configure(self, choices: Choices) -> None:
        """Go on as the student now chooses; what was said so far is remembered."""
        turned = choices.mirror is not self._choices.mirror
        self._choices = choices
        if turned:
            self._follow(self._routine.followed(choices.mirror))

    def _follow(self, routine: Routine) -> None:
        self._cues.lapse()
        self._matcher = Matcher(routine)
        self._references = [
            Reference.of(joints, sigma)
            for joints, sigma in zip(routine.hold_joints, routine.hold_sigma, strict=True)
        ]

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
        if visible(keypoints.points).sum() < FEWEST_SEEN:
            return self.silent(Silence.OUT_OF_FRAME, t)
        steady = self._motion.update(pose.joints, t)
        match = self._matcher.match(steady.directions, player_t, still=steady.still)
        if match is None or match.distance_deg > FOLLOWING_DEG:
            return replace(self.silent(Silence.NOT_FOLLOWING, t), match=match)
        if not steady.still or match.hold < 0:
            return replace(self.silent(Silence.MOVING, t), match=match)
        reference = self._references[match.hold]
        found = deviation(
            steady.joints, pose.sigma, keypoints.points, reference, self._choices.strictness
        )
        if _joints_far_off(found) >= LOST_JOINTS:
            return replace(self.silent(Silence.NOT_FOLLOWING, t), match=match)
        cues = self._cues.update(
            t, match.routine_t, match.hold, found, reference.angles, may_raise=runs
        )
        return Judgement(
            match=match,
            deviations=_by_joint(found),
            cues=cues,
            silence=None if runs else Silence.PAUSED,
            measured=found,
        )

    def silent(self, reason: Silence, t: float) -> Judgement:
        """A frame that cannot be judged; what was building up is dropped."""
        self._cues.interrupt(t)
        return Judgement(silence=reason)

    def seeked(self) -> None:
        """The player has jumped: the lag known so far says nothing any more."""
        self._matcher.reset()
        self._cues.lapse()


def _joints_far_off(found: Deviation) -> int:
    """How many joints are far off and are not explained by another one."""
    excess = found.excess
    far = {angle for angle in Angle if excess[angle] >= FAR_OFF}
    return len({_NAMES[a] for a in far if far.isdisjoint(EXPLAINED_BY.get(a, ()))})


def _by_joint(found: Deviation) -> dict[str, float]:
    """The worst deviation of each joint that is near or over its band, the worst joint first."""
    excess = found.excess
    worst: dict[str, float] = {}
    for angle in sorted(Angle, key=lambda a: -excess[a]):
        if excess[angle] < LEAVE:
            break
        worst.setdefault(_NAMES[angle], float(np.round(found.degrees[angle], 1)))
    return worst


_NAMES: Final = {
    angle: entry.joint.value if entry.side is Side.CENTER else f"{entry.side}_{entry.joint}"
    for angle, entry in CORRECTIONS.items()
}
