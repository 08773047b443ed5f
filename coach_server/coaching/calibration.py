"""What a few seconds of standing at ease tell of a student and a camera.

Angles that are read off in a stance of which the angles are known would be off in other poses as
well. What is learnt there is small and capped: a fault that someone has in every pose, at ease too,
is not to be learnt away. Without the stance nothing is corrected, and doubts are wider.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial.transform import Rotation

from coach_server.body.angles import Angle, joint_angles
from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import H36m

NEEDED_S: Final = 1.5
"""So long, all in all, someone has to have stood at ease."""

EVERY_S: Final = 0.1
"""It is looked for so often: who stands, stands for a while."""

LONGEST_S: Final = 6.0
"""More of it tells nothing new."""

CAP_DEG: Final = 8.0
"""More than this is a fault, not a habit of the measuring: of what is beyond, nothing is learnt."""

MOST_TILT_DEG: Final = 25.0
"""A camera that is tilted further has no whole body in view."""

STRAIGHT_DEG: Final = 30.0
"""What is learnt of straight elbows and knees holds where they should be no more bent than this."""

_STRAIGHT: Final = (
    Angle.LEFT_ELBOW_FLEXION,
    Angle.RIGHT_ELBOW_FLEXION,
    Angle.LEFT_KNEE_FLEXION,
    Angle.RIGHT_KNEE_FLEXION,
)
_UPRIGHT: Final = (
    Angle.TRUNK_FORWARD,
    Angle.TRUNK_SIDE,
    Angle.TRUNK_TWIST,
    Angle.NECK_FORWARD,
    Angle.NECK_SIDE,
)
_LEARNT: Final = (*_STRAIGHT, *_UPRIGHT)
"""The others depend on the pose, or on how the body is built: arms hang as the hips let them."""

AT_EASE: Final = np.zeros(len(Angle), np.float32)
"""Angles of someone who stands at ease, degrees."""
AT_EASE[[Angle.LEFT_ELBOW_FLEXION, Angle.RIGHT_ELBOW_FLEXION]] = 12.0
AT_EASE[[Angle.LEFT_KNEE_FLEXION, Angle.RIGHT_KNEE_FLEXION]] = 4.0
AT_EASE[[Angle.LEFT_HIP_ABDUCTION, Angle.RIGHT_HIP_ABDUCTION]] = 3.0
AT_EASE[[Angle.LEFT_SHOULDER_ELEVATION, Angle.RIGHT_SHOULDER_ELEVATION]] = 14.0

_WITHIN: Final = np.full(len(Angle), 20.0, np.float32)
"""How far off these someone may be who stands at ease, degrees."""
_WITHIN[[Angle.LEFT_ELBOW_FLEXION, Angle.RIGHT_ELBOW_FLEXION]] = 28.0
_WITHIN[[Angle.LEFT_SHOULDER_ELEVATION, Angle.RIGHT_SHOULDER_ELEVATION]] = 24.0
_WITHIN[[Angle.LEFT_SHOULDER_PLANE, Angle.RIGHT_SHOULDER_PLANE]] = np.inf
_WITHIN[[Angle.NECK_FORWARD, Angle.TRUNK_FORWARD]] = 30.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """What is known of one camera and the person before it.

    Attributes:
        level: turns camera axes so that y is the vertical.
        at_ease: (17,) degrees, the angles that are read of the person standing at ease.
    """

    level: Rotation
    at_ease: FloatArray

    def levelled(self, joints: FloatArray) -> FloatArray:
        """(..., 17, 3) joints in camera axes as a level camera would have them."""
        turned = joints @ self.level.as_matrix().T.astype(np.float32)
        return np.asarray(turned, np.float32)


def is_at_ease(angles: FloatArray) -> bool:
    """Whether (17,) angles are those of someone who stands at ease, arms at the sides."""
    return bool((np.abs(angles - AT_EASE) <= _WITHIN).all())


def calibrate(joints: FloatArray) -> Calibration:
    """What frames of someone at ease tell.

    Args:
        joints: (N, 17, 3) H36M-17 metres, camera axes.
    """
    level = _levelling(np.asarray(np.median(joints, axis=0), np.float32))
    turned = joints @ level.as_matrix().T.astype(np.float32)
    return Calibration(level, np.asarray(np.median(joint_angles(turned), axis=0), np.float32))


def bias(student: Calibration | None, instructor: Calibration | None) -> FloatArray:
    """(17,) degrees by which the student is read off against the instructor, where that is known.

    Within `CAP_DEG`; what is read further off is taken for the student's own doing the more, the
    further it is, and nothing of it is learnt from twice the cap.
    """
    learnt = np.zeros(len(Angle), np.float32)
    if student is None:
        return learnt
    expected = AT_EASE if instructor is None else instructor.at_ease
    columns = list(_LEARNT)
    off = (student.at_ease - expected)[columns]
    beyond = np.clip((np.abs(off) - CAP_DEG) / CAP_DEG, 0.0, 1.0)
    learnt[columns] = np.clip(off, -CAP_DEG, CAP_DEG) * (1.0 - beyond)
    return learnt


def applies(reference: FloatArray) -> FloatArray:
    """(17,) 1 where what is learnt at ease holds for a pose of these (17,) angles, else 0."""
    holds = np.ones(len(Angle), np.float32)
    for angle in _STRAIGHT:
        holds[angle] = reference[angle] <= STRAIGHT_DEG
    return holds


class Calibrator:
    """Collects what a student's neutral stance tells, whenever they stand so."""

    def __init__(self) -> None:
        self._frames: list[FloatArray] = []
        self._stood_s = 0.0
        self._t: float | None = None
        self.found: Calibration | None = None

    def update(self, joints: FloatArray, t: float, *, still: bool) -> bool:
        """Take in a steady pose; says whether more is known now.

        Args:
            joints: (17, 3) H36M-17 metres, camera axes.
            t: seconds, increasing.
            still: whether the student keeps still.
        """
        passed = 0.0 if self._t is None else t - self._t
        if 0.0 < passed < EVERY_S or self._stood_s >= LONGEST_S:
            return False
        self._t = t
        if not still or not _hang(joints):
            return False
        level = _levelling(joints)
        if not is_at_ease(joint_angles(joints @ level.as_matrix().T.astype(np.float32))):
            return False
        self._stood_s += min(passed, 2 * EVERY_S)
        self._frames.append(joints)
        if self._stood_s < NEEDED_S or len(self._frames) % 5:
            return False
        self.found = calibrate(np.stack(self._frames))
        return True


def _hang(joints: FloatArray) -> bool:
    """Whether both wrists are lower than the middle of the trunk: a first, cheap look."""
    middle = joints[H36m.SPINE, 1]
    return bool(joints[H36m.LEFT_WRIST, 1] > middle and joints[H36m.RIGHT_WRIST, 1] > middle)


def _levelling(joints: FloatArray) -> Rotation:
    """Turns camera axes so that the legs of (17, 3) joints stand upright in them.

    The legs, not the trunk: who stands with a leaning trunk is to be told so.
    """
    ankles = (joints[H36m.LEFT_ANKLE] + joints[H36m.RIGHT_ANKLE]) / 2
    legs = joints[H36m.PELVIS] - ankles
    length = float(np.linalg.norm(legs))
    if not np.isfinite(length) or length < 1e-3:
        return Rotation.identity()
    up = legs / length
    axis = np.cross(up, (0.0, -1.0, 0.0))
    sine = float(np.linalg.norm(axis))
    tilt = np.degrees(np.arctan2(sine, -up[1]))
    if sine < 1e-6 or tilt > MOST_TILT_DEG:
        return Rotation.identity()
    return Rotation.from_rotvec(axis / sine * np.radians(tilt))
