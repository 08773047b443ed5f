"""Where in the routine a student is, and how one pose is compared with many."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import facing

DEPTH_WEIGHT: Final = 0.4
"""Weight of the part of a difference that lies along the camera axis: it is seen worst."""

TRUNCATED_DEG: Final = 40.0
"""A limb further off than this counts no more: one wrong limb must not move the match."""

POSE_DEG, SPEED_DEG_S = 12.0, 14.0
"""How far a student who follows well is off, in the limbs' directions and in their speed."""

TRUNCATED_DEG_S: Final = 45.0

LASTS_S: Final = 0.25
"""For so long an error of a pose stays the same: frames within it tell the same once more."""


@dataclass(frozen=True, slots=True)
class Match:
    """The instructor's moment that the student is at.

    Attributes:
        routine_t: seconds on the routine's clock: the median of what is believed.
        lag_s: the player's time minus that, positive behind.
        hold: index of the hold that the student is in, -1 in a transition.
        distance_deg: root mean square of the limbs' (truncated) angular distances from the best
            moment that is believed.
        early_s: first moment of the credible set, seconds on the routine's clock.
        late_s: its last moment.
    """

    routine_t: float
    lag_s: float
    hold: int
    distance_deg: float
    early_s: float
    late_s: float


def distances_deg(candidates: FloatArray, student: FloatArray) -> FloatArray:
    """Truncated angular distances of (N, B, 3) candidates from (B, 3) directions, or (N, B, 3).

    Each candidate is turned about the vertical to face as the student does.

    Returns:
        (N,) root mean square over the limbs, degrees.
    """
    x, y, z = np.ascontiguousarray(candidates.transpose(2, 0, 1))  # whole rows: numpy is quick then
    to_x, to_y, to_z = student[..., 0], student[..., 1], student[..., 2]
    x, z = facing((x, z), (to_x, to_z))
    x -= to_x
    y = y - to_y
    z -= to_z
    z *= np.float32(DEPTH_WEIGHT)
    chord = np.sqrt(x * x + y * y + z * z)
    angle = np.degrees(2 * np.arcsin(np.minimum(chord / 2, 1.0)))
    np.minimum(angle, TRUNCATED_DEG, out=angle)
    distance: FloatArray = np.sqrt(np.einsum("nb,nb->n", angle, angle) / angle.shape[1])
    return distance


def log_likelihood(
    distance_deg: FloatArray, limbs: int, speed: FloatArray, student_speed: float, passed_s: float
) -> FloatArray:
    """How well candidates explain a student, (N,), up to a constant.

    Args:
        distance_deg: (N,) as `distances_deg` gives them.
        limbs: how many limbs that is the mean of.
        speed: (N,) degrees a second, of the candidates.
        student_speed: that of the student.
        passed_s: seconds since the frame before: what is told again tells nothing new.
    """
    off = np.minimum(np.abs(speed - np.float32(student_speed)), np.float32(TRUNCATED_DEG_S))
    pose = limbs * (distance_deg / POSE_DEG) ** 2
    told: FloatArray = -0.5 * (pose + (off / SPEED_DEG_S) ** 2) * min(passed_s / LASTS_S, 1.0)
    return told
