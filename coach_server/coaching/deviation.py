"""How far the student is from the instructor, and how far that is beyond doubt."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle, angles_and_sigma, wrap_degrees
from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import Coco


class Strictness(StrEnum):
    """How much may be off before the coach says so; the student chooses."""

    GENTLE = "gentle"
    DEFAULT = "default"
    STRICT = "strict"

    @property
    def band_deg(self) -> float:
        """Deviation tolerated where nothing is in doubt, in degrees."""
        return {"gentle": 25.0, "default": 15.0, "strict": 10.0}[self.value]


JOINT_SIGMA_M: Final = np.array([0.03, 0.04, 0.11], np.float32)
"""Spread assumed per camera axis where the lifter states none: depth is seen worst.

So far off, in 68 % of the frames, are the joints of `blazepose-world` on rendered people who were
not used to tune it.
"""

SHARED: Final = 0.7
"""Correlation of the errors of student and instructor in the same pose, read by the same engines.

What makes a pose hard to read makes it so for both. With this value 68 % of the differences of held
angles, between rendered people of different bodies whose cameras are up to 45 degrees apart, lie
within .96 deviations of the truth; the largest 5 % are further off than 2.6, not 2.
"""

DOUBT: Final = 2.0
"""How many standard deviations a deviation must exceed."""

ENTER: Final = 0.85
"""Who is off by just the band is to hear of it: a deviation counts from this share of it."""

UNKNOWN_DEG: Final = np.zeros(len(Angle), np.float32)
"""Spread from what is not known of cameras and bodies, beside that of the joints: of one of two."""
UNKNOWN_DEG[Angle.NECK_FORWARD] = 5.0  # the shape of the face, from which its tilt is read
UNKNOWN_DEG[Angle.NECK_SIDE] = 2.0
TILT_DEG: Final = (7.0, 3.0)
"""The same of the trunk's lean forward and to the side where the camera's tilt is not known."""
LEVELLED_DEG: Final = (2.5, 1.5)
"""And where it is known from a calibration."""

OFF_AXIS_DEG: Final = 35.0
"""An arm nearer to the trunk's axis than this has no plane worth the name."""

SEEN_SCORE: Final = 0.35
"""A keypoint below this is not seen well enough to judge what hangs on it."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One frame's comparison, columns in the order of `Angle`.

    Attributes:
        degrees: (17,) student minus reference.
        band: (17,) what is tolerated: the strictness, widened where the angle is in doubt.
        judged: (17,) whether the joints an angle hangs on are seen.
    """

    degrees: FloatArray
    band: FloatArray
    judged: NDArray[np.bool_]

    @property
    def excess(self) -> FloatArray:
        """(17,) |degrees| / band; 0 where not judged."""
        ratio: FloatArray = np.where(self.judged, np.abs(self.degrees) / self.band, 0.0)
        return ratio


@dataclass(frozen=True, slots=True)
class Measured:
    """A pose's angles, columns in the order of `Angle`.

    Attributes:
        angles: (17,) degrees.
        sigma: (17,) degrees, one standard deviation.
    """

    angles: FloatArray
    sigma: FloatArray

    @classmethod
    def of(cls, joints: FloatArray, sigma: FloatArray, *, levelled: bool = False) -> Self:
        """From a pose (17, 3) and its spread (17, 3), NaN where unknown.

        `levelled` says whether its y axis is known to be the vertical.
        """
        angles, spread = _angles_and_spread(joints, sigma)
        unknown = UNKNOWN_DEG.copy()
        columns = [Angle.TRUNK_FORWARD, Angle.TRUNK_SIDE]
        unknown[columns] = LEVELLED_DEG if levelled else TILT_DEG
        return cls(angles, np.asarray(np.hypot(spread, unknown), np.float32))


def deviation(
    student: Measured, points: FloatArray, reference: Measured, strictness: Strictness
) -> Deviation:
    """Compare a student's pose with the reference.

    Args:
        student: the student's angles, less what is known to be misread.
        points: (17, 3) the COCO-17 keypoints they come from: x, y as fractions, score.
        reference: the instructor's.
        strictness: what is tolerated.
    """
    ours, theirs = student.sigma, reference.sigma
    doubt = np.sqrt(np.maximum(ours**2 + theirs**2 - 2 * SHARED * ours * theirs, 0.0))
    degrees = wrap_degrees(student.angles - reference.angles)
    judged = _judged(points) & _defined(student.angles) & _defined(reference.angles)
    band = np.maximum(np.float32(ENTER * strictness.band_deg), np.float32(DOUBT) * doubt)
    return Deviation(degrees=degrees, band=band, judged=judged)


def _angles_and_spread(joints: FloatArray, sigma: FloatArray) -> tuple[FloatArray, FloatArray]:
    known = np.where(np.isfinite(sigma), sigma, JOINT_SIGMA_M)
    return angles_and_sigma(joints, known)


def _defined(angles: FloatArray) -> NDArray[np.bool_]:
    """(17,) False for the plane of an arm that hangs or is stretched up: it points nowhere."""
    defined = np.ones(len(Angle), bool)
    for side in (0, 1):
        elevation = angles[Angle.LEFT_SHOULDER_ELEVATION + side]
        off_axis = min(elevation, 180.0 - elevation)
        defined[Angle.LEFT_SHOULDER_PLANE + side] = off_axis >= OFF_AXIS_DEG
    return defined


_SHOULDERS: Final = (Coco.LEFT_SHOULDER, Coco.RIGHT_SHOULDER)
_HIPS: Final = (Coco.LEFT_HIP, Coco.RIGHT_HIP)
_LEFT_ARM: Final = (Coco.LEFT_SHOULDER, Coco.LEFT_ELBOW)
_RIGHT_ARM: Final = (Coco.RIGHT_SHOULDER, Coco.RIGHT_ELBOW)
_LEFT_LEG: Final = (Coco.LEFT_HIP, Coco.LEFT_KNEE)
_RIGHT_LEG: Final = (Coco.RIGHT_HIP, Coco.RIGHT_KNEE)
_HANGS_ON: Final[dict[Angle, tuple[Coco, ...]]] = {
    Angle.LEFT_ELBOW_FLEXION: (*_LEFT_ARM, Coco.LEFT_WRIST),
    Angle.RIGHT_ELBOW_FLEXION: (*_RIGHT_ARM, Coco.RIGHT_WRIST),
    Angle.LEFT_KNEE_FLEXION: (*_LEFT_LEG, Coco.LEFT_ANKLE),
    Angle.RIGHT_KNEE_FLEXION: (*_RIGHT_LEG, Coco.RIGHT_ANKLE),
    Angle.LEFT_HIP_FLEXION: (*_HIPS, *_LEFT_LEG),
    Angle.RIGHT_HIP_FLEXION: (*_HIPS, *_RIGHT_LEG),
    Angle.LEFT_HIP_ABDUCTION: (*_HIPS, *_LEFT_LEG),
    Angle.RIGHT_HIP_ABDUCTION: (*_HIPS, *_RIGHT_LEG),
    Angle.LEFT_SHOULDER_ELEVATION: (*_SHOULDERS, *_LEFT_ARM, *_HIPS),
    Angle.RIGHT_SHOULDER_ELEVATION: (*_SHOULDERS, *_RIGHT_ARM, *_HIPS),
    Angle.LEFT_SHOULDER_PLANE: (*_SHOULDERS, *_LEFT_ARM, *_HIPS),
    Angle.RIGHT_SHOULDER_PLANE: (*_SHOULDERS, *_RIGHT_ARM, *_HIPS),
    Angle.TRUNK_FORWARD: (*_SHOULDERS, *_HIPS),
    Angle.TRUNK_SIDE: (*_SHOULDERS, *_HIPS),
    Angle.TRUNK_TWIST: (*_SHOULDERS, *_HIPS),
    Angle.NECK_FORWARD: (*_SHOULDERS, *_HIPS, Coco.LEFT_EAR, Coco.RIGHT_EAR),
    Angle.NECK_SIDE: (*_SHOULDERS, *_HIPS, Coco.LEFT_EAR, Coco.RIGHT_EAR),
}


_NEEDS: Final = np.array([[k in _HANGS_ON[angle] for k in Coco] for angle in Angle])


def visible(points: FloatArray) -> NDArray[np.bool_]:
    """(17,) whether each keypoint is seen well and lies inside the frame."""
    inside = ((points[:, :2] >= 0.0) & (points[:, :2] <= 1.0)).all(axis=1)
    seen: NDArray[np.bool_] = inside & (points[:, 2] >= SEEN_SCORE)
    return seen


def _judged(points: FloatArray) -> NDArray[np.bool_]:
    return np.asarray(~(_NEEDS & ~visible(points)).any(axis=1))
