"""How far the student is from the instructor, and how far that is beyond doubt."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle, wrap_degrees
from coach_server.body.keypoints import FloatArray
from coach_server.coaching.in_view import angles_in_view
from coach_server.coaching.measured import OFTEN_WRONG, Measured


class Strictness(StrEnum):
    """How much may be off before the coach says so; the student chooses."""

    GENTLE = "gentle"
    DEFAULT = "default"
    STRICT = "strict"

    @property
    def band_deg(self) -> float:
        """Deviation tolerated where nothing is in doubt, in degrees."""
        return {"gentle": 25.0, "default": 15.0, "strict": 10.0}[self.value]


SHARED: Final = 0.7
"""Correlation of the errors of student and instructor in the same pose, read by the same engines.

What makes a pose hard to read makes it so for both. With this value 68 % of the differences of held
angles, between rendered people of different bodies whose cameras are up to 45 degrees apart, lie
within .96 deviations of the truth; the largest 5 % are further off than 2.6, not 2.
"""

DOUBT: Final = 2.2
"""How many standard deviations a deviation must exceed."""

ENTER: Final = 0.85
"""Who is off by just the band is to hear of it: a deviation counts from this share of it."""

OFF_AXIS_DEG: Final = 35.0
"""An arm nearer to the trunk's axis than this has no plane worth the name."""

FAR_OFF: Final = 1.5
"""An angle is far off from this multiple of its band."""

USUALLY_OFF: Final = 0.7
"""Of the angles of a pose, this share is no further off than where the pose is read well."""


FEWEST: Final = 4
"""Of fewer angles it cannot be said whether a pose is misread."""

MOST_MISREAD: Final = 2.5
"""What is off by more than this is another body or another pose, and not a matter of reading."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One frame's comparison, columns in the order of `Angle`.

    Attributes:
        degrees: (17,) student minus reference, as it most likely is: what is read of an angle that
            is badly seen is only a part of it.
        band: (17,) what is tolerated: the strictness, widened where the angle is in doubt.
        judged: (17,) whether the joints an angle hangs on are seen.
        far_off: (17,) whether it is another angle rather than the same one done badly, even if the
            whole pose is not misread.
    """

    degrees: FloatArray
    band: FloatArray
    judged: NDArray[np.bool_]
    far_off: NDArray[np.bool_]

    @property
    def excess(self) -> FloatArray:
        """(17,) |degrees| / band; 0 where not judged."""
        ratio: FloatArray = np.where(self.judged, np.abs(self.degrees) / self.band, 0.0)
        return ratio


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
    shared = 2 * SHARED * ours * theirs
    seen = np.maximum(ours**2 + theirs**2 - shared, 0.0) * OFTEN_WRONG**2
    unknown = student.unknown**2 + reference.unknown**2
    read = wrap_degrees(student.angles - reference.angles)
    judged = angles_in_view(points) & _defined(student.angles) & _defined(reference.angles)
    least = np.float32(ENTER * strictness.band_deg)
    doubted = DOUBT * np.sqrt(seen + unknown) / student.felt
    off = np.asarray(np.abs(read) / np.maximum(np.sqrt(seen + unknown), 1e-3), np.float32)
    misread = _misread(off, judged)
    widened = DOUBT * np.sqrt(misread**2 * seen + unknown) / student.felt
    # What is made up for may lead beyond what angles there are.
    degrees = np.asarray(np.clip(read / student.felt, -180.0, 180.0), np.float32)
    return Deviation(
        degrees=degrees,
        band=np.asarray(np.maximum(least, widened), np.float32),
        judged=judged,
        far_off=judged & (np.abs(degrees) >= FAR_OFF * np.maximum(least, doubted)),
    )


def _misread(off: FloatArray, judged: NDArray[np.bool_]) -> float:
    """How many times as doubtful all angles of a pose are of which many are off.

    One wrong joint leaves the others as they should be; a pose that the engines misread does not.

    Args:
        off: (17,) deviations in standard deviations.
        judged: (17,) which of them count.
    """
    seen = np.sort(off[judged])
    if len(seen) < FEWEST:
        return 1.0
    usual = float(seen[round(USUALLY_OFF * (len(seen) - 1))])
    return min(max(1.0, usual), MOST_MISREAD)


def _defined(angles: FloatArray) -> NDArray[np.bool_]:
    """(17,) False for the plane of an arm that hangs or is stretched up: it points nowhere."""
    defined = np.ones(len(Angle), bool)
    for side in (0, 1):
        elevation = angles[Angle.LEFT_SHOULDER_ELEVATION + side]
        off_axis = min(elevation, 180.0 - elevation)
        defined[Angle.LEFT_SHOULDER_PLANE + side] = off_axis >= OFF_AXIS_DEG
    return defined
