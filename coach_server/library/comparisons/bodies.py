"""Two bodies brought onto each other for the picture: the instructor as this student would look.

The instructor is turned about the vertical to face as the student does, has the student's limbs, so
that what differs is the pose and not the build, and shares the student's pelvis. Nothing is judged
by this.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle
from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import mirrored_joints, turned_towards
from coach_server.body.skeleton import H36M_BONES, H36m
from coach_server.coaching.comparing.comparison import Comparison, steady
from coach_server.coaching.cues import PERSISTENCE_S
from coach_server.coaching.track import Track

_PARENTS: Final = [parent for parent, _ in H36M_BONES]
_CHILDREN: Final = [child for _, child in H36M_BONES]

_BONE_ANGLES: Final[dict[H36m, tuple[Angle, ...]]] = {
    H36m.LEFT_WRIST: (Angle.LEFT_ELBOW_FLEXION,),
    H36m.RIGHT_WRIST: (Angle.RIGHT_ELBOW_FLEXION,),
    H36m.LEFT_ANKLE: (Angle.LEFT_KNEE_FLEXION,),
    H36m.RIGHT_ANKLE: (Angle.RIGHT_KNEE_FLEXION,),
    H36m.LEFT_KNEE: (Angle.LEFT_HIP_FLEXION, Angle.LEFT_HIP_ABDUCTION),
    H36m.RIGHT_KNEE: (Angle.RIGHT_HIP_FLEXION, Angle.RIGHT_HIP_ABDUCTION),
    H36m.LEFT_ELBOW: (Angle.LEFT_SHOULDER_ELEVATION, Angle.LEFT_SHOULDER_PLANE),
    H36m.RIGHT_ELBOW: (Angle.RIGHT_SHOULDER_ELEVATION, Angle.RIGHT_SHOULDER_PLANE),
    H36m.SPINE: (Angle.TRUNK_FORWARD, Angle.TRUNK_SIDE, Angle.TRUNK_TWIST),
    H36m.THORAX: (Angle.TRUNK_FORWARD, Angle.TRUNK_SIDE, Angle.TRUNK_TWIST),
    H36m.NECK: (Angle.NECK_FORWARD, Angle.NECK_SIDE),
    H36m.HEAD: (Angle.NECK_FORWARD, Angle.NECK_SIDE),
}
"""By the end of a bone: the angles that show in it."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """T frames of both, metres, the student's camera axes, the student's pelvis at the origin.

    Attributes:
        student: (T, 17, 3) H36M-17; NaN without a person.
        instructor: (T, 17, 3) as the student would look in the instructor's pose; NaN where one of
            both is not there.
        excess: (T, 16) of each bone of `H36M_BONES`: how many times its allowance the worst of its
            angles is off.
    """

    student: FloatArray
    instructor: FloatArray
    excess: FloatArray

    @classmethod
    def of(cls, comparison: Comparison, instructor: Track, student: Track) -> Self:
        """Both, as they were compared."""
        ours = steady(student.joints, student)
        ours = ours - ours[:, :1]
        theirs = steady(instructor.joints, instructor)
        theirs = mirrored_joints(theirs) if comparison.mirrored else theirs
        there = comparison.frame >= 0
        shown = np.full_like(ours, np.nan)
        shown[there] = _placed(theirs[comparison.frame[there]], ours[there])
        return cls(ours, shown, _excess_of_bones(comparison, student.fps))

    def extent(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(2,) least and greatest x and y of nearly all that is to be shown, metres."""
        points = np.concatenate([self.student.reshape(-1, 3), self.instructor.reshape(-1, 3)])
        points = points[np.isfinite(points).all(axis=1)][:, :2]
        low, high = np.percentile(points, [0.2, 99.8], axis=0)
        return low, high


def _placed(theirs: FloatArray, ours: FloatArray) -> FloatArray:
    """(N, 17, 3) the instructor on the student, the pelvis at the origin."""
    bones, lengths = _bones(theirs)[0], np.nanmedian(_bones(ours)[1], axis=0)
    turned = turned_towards(bones, _bones(ours)[0])
    joints = np.zeros_like(ours)
    for i, (parent, child) in enumerate(H36M_BONES):
        joints[:, child] = joints[:, parent] + turned[:, i] * lengths[i]
    return joints


def _bones(joints: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(N, 16, 3) directions and (N, 16) lengths of `H36M_BONES`."""
    bones = joints[:, _CHILDREN] - joints[:, _PARENTS]
    lengths = np.linalg.norm(bones, axis=-1)
    return bones / np.maximum(lengths, 1e-6)[..., None], lengths


def _excess_of_bones(comparison: Comparison, fps: float) -> FloatArray:
    """(T, 16), the mean over half a second: colours that flicker tell nothing."""
    window = max(1, round(PERSISTENCE_S * fps)) | 1
    padded = np.pad(comparison.excess, ((window // 2, window // 2), (0, 0)), mode="edge")
    total = np.cumsum(np.pad(padded, ((1, 0), (0, 0))), axis=0, dtype=np.float64)
    calm = (total[window:] - total[:-window]) / window
    return np.stack(
        [
            calm[:, list(_BONE_ANGLES[child])].max(axis=1)
            if child in _BONE_ANGLES
            else np.zeros(len(calm))
            for _, child in H36M_BONES
        ],
        axis=1,
    ).astype(np.float32)
