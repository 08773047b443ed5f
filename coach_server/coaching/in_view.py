"""What of a body can be seen, and which angles can be told from it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import Coco

SEEN_SCORE: Final = 0.35
"""A keypoint below this is not seen well enough to judge what hangs on it."""

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


def angles_in_view(points: FloatArray) -> NDArray[np.bool_]:
    """(17,) in the order of `Angle`: whether all that an angle hangs on is seen."""
    return np.asarray(~(_NEEDS & ~visible(points)).any(axis=1))
