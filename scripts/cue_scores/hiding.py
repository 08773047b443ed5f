"""Limbs that cannot be seen for a while."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import Angle
from coach_server.body.skeleton import JOINTS, Coco
from coach_server.coaching.cue import Joint, Side
from scripts.cue_scores.figure import Array
from scripts.cue_scores.routines import Score

HIDDEN_IN: Final = 0.4
"""Share of the poses in which a limb is hidden, where limbs are."""
MISREAD_DEG: Final = 50.0
"""By so much the bend of a hidden limb is read off."""
_LIMBS: Final = (
    (Angle.LEFT_ELBOW_FLEXION, Side.LEFT, (Joint.ELBOW, Joint.SHOULDER), "ELBOW", "WRIST"),
    (Angle.RIGHT_ELBOW_FLEXION, Side.RIGHT, (Joint.ELBOW, Joint.SHOULDER), "ELBOW", "WRIST"),
    (Angle.LEFT_KNEE_FLEXION, Side.LEFT, (Joint.KNEE, Joint.HIP), "KNEE", "ANKLE"),
    (Angle.RIGHT_KNEE_FLEXION, Side.RIGHT, (Joint.KNEE, Joint.HIP), "KNEE", "ANKLE"),
)


@dataclass(frozen=True, slots=True)
class Hidden:
    """A limb that cannot be seen: nothing may be said of it."""

    start: float
    end: float
    joints: tuple[Joint, ...]
    side: Side


def hide(
    score: Score, t: Array, place: Array, angles: Array, rng: np.random.Generator
) -> tuple[Array, NDArray[np.bool_], tuple[Hidden, ...]]:
    """Limbs that are hidden in some poses, and misread there.

    Returns:
        (T, 17) angles, whether each of (T, 17) keypoints is hidden, and of what nothing may be
        said.
    """
    angles, unseen = angles.copy(), np.zeros((len(t), JOINTS), np.bool_)
    found = []
    for start, end in zip(score.starts[1:], score.ends[1:], strict=True):
        if rng.random() >= HIDDEN_IN:
            continue
        angle, side, joints, *keypoints = _LIMBS[int(rng.integers(len(_LIMBS)))]
        rows = (place >= start) & (place <= end)
        if not rows.any():
            continue
        now = angles[rows, angle]
        angles[rows, angle] = np.where(now > 90.0, now - MISREAD_DEG, now + MISREAD_DEG)
        columns = [Coco[f"{side.upper()}_{name}"] for name in keypoints]
        unseen[np.ix_(rows, columns)] = True
        found.append(Hidden(float(t[rows][0]), float(t[rows][-1]), joints, side))
    return angles, unseen, tuple(found)
