"""The error that "yoga-pose", the tutorial this project grew from, draws on its overlay.

Kept so that its figures can be compared with; nothing here decides by it. It adds up, over ten
pairs of limbs that meet, how much the COSINES of their angles differ, and means that over fifteen
frames. So it is blind to all that leaves those cosines alone: arms down or overhead, a straight leg
raised, a forward fold, a twist, lying down; and a bend of 15 degrees from straight hardly shows.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import H36m

WINDOW: Final = 15
"""Frames of the moving mean."""
PAIRS: Final = (
    (H36m.PELVIS, H36m.RIGHT_HIP, H36m.RIGHT_KNEE),
    (H36m.RIGHT_HIP, H36m.RIGHT_KNEE, H36m.RIGHT_ANKLE),
    (H36m.PELVIS, H36m.LEFT_HIP, H36m.LEFT_KNEE),
    (H36m.LEFT_HIP, H36m.LEFT_KNEE, H36m.LEFT_ANKLE),
    (H36m.PELVIS, H36m.SPINE, H36m.THORAX),
    (H36m.THORAX, H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW),
    (H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW, H36m.RIGHT_WRIST),
    (H36m.THORAX, H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW),
    (H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW, H36m.LEFT_WRIST),
    (H36m.THORAX, H36m.NECK, H36m.HEAD),
)
"""The joints along two limbs that meet in the one between."""
_SCALE: Final = 57.296
"""Its authors turned radians to degrees, to three places; which cosines are not."""


def yoga_pose_error(reference: FloatArray, student: FloatArray) -> NDArray[np.float64]:
    """The rolling error of frames that belong together.

    Args:
        reference: (T, 17, 3) H36M-17 joints of the instructor, in any unit.
        student: (T, 17, 3) those of the student.

    Returns:
        (T + 14,): entry t is shown with frame t, as an integer; the last fourteen are the end of
        the moving mean, beyond the last frame.
    """
    off = np.abs(_cosines(reference) - _cosines(student)).sum(axis=-1) * _SCALE
    return np.convolve(off, np.ones(WINDOW), "full") / WINDOW


def _cosines(joints: FloatArray) -> NDArray[np.float64]:
    """(T, 10) of the angles between the limbs of each pair."""
    first, middle, last = np.array(PAIRS).T
    one = _unit(joints[:, first] - joints[:, middle])
    other = _unit(joints[:, middle] - joints[:, last])
    return np.asarray(np.sum(one * other, axis=-1), np.float64)


def _unit(limbs: FloatArray) -> FloatArray:
    return np.asarray(limbs / np.linalg.norm(limbs, axis=-1, keepdims=True))
