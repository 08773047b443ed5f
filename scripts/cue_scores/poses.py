"""Poses that people hold, as joint angles."""

from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from scripts.cue_scores.figure import Array

MIRRORED: Final = [a ^ 1 if a < Angle.TRUNK_FORWARD else a for a in Angle]
"""`angles[..., MIRRORED]` exchanges left and right (neighbours, left even)."""
TURNS_OVER: Final = [Angle.TRUNK_SIDE, Angle.TRUNK_TWIST, Angle.NECK_SIDE]
"""What is to the left positive."""


def mirrored(angles: Array) -> Array:
    """(..., 17) angles of the mirror image."""
    image = angles[..., MIRRORED].copy()
    image[..., TURNS_OVER] *= -1
    return image


def _pose(
    *,
    elbow: tuple[float, float] = (12.0, 12.0),
    knee: tuple[float, float] = (5.0, 5.0),
    hip: tuple[float, float] = (2.0, 2.0),
    out: tuple[float, float] = (4.0, 4.0),
    arm: tuple[float, float] = (14.0, 14.0),
    plane: tuple[float, float] = (25.0, 25.0),
    trunk: tuple[float, float, float] = (0.0, 0.0, 0.0),
    neck: tuple[float, float] = (5.0, 0.0),
) -> Array:
    """Angles in the order of `Angle`.

    Pairs are (left, right); those of the trunk are forward, to the left and turned to the left,
    those of the neck forward and to the left.
    """
    return np.array([*elbow, *knee, *hip, *out, *arm, *plane, *trunk, *neck])


AT_EASE: Final = _pose()
"""Someone who stands with the arms at the sides: the first pose of every routine."""

ONE_SIDED: Final = {
    "warrior_one": _pose(
        elbow=(8, 8), knee=(70, 6), hip=(60, -22), out=(6, 8), arm=(165, 165), plane=(40, 40)
    ),
    "warrior_two": _pose(
        elbow=(6, 6), knee=(70, 6), hip=(20, 0), out=(62, 38), arm=(90, 90), plane=(0, 0)
    ),
    "reverse_warrior": _pose(
        elbow=(12, 10),
        knee=(65, 6),
        hip=(20, 0),
        out=(58, 36),
        arm=(160, 45),
        plane=(10, -20),
        trunk=(0, -22, 0),
        neck=(5, 8),
    ),
    "side_angle": _pose(
        elbow=(8, 8),
        knee=(75, 6),
        hip=(40, 10),
        out=(50, 40),
        arm=(85, 150),
        plane=(40, 20),
        trunk=(10, 35, 0),
    ),
    "triangle": _pose(
        elbow=(6, 6),
        knee=(6, 6),
        hip=(25, 5),
        out=(40, 30),
        arm=(85, 90),
        plane=(15, 5),
        trunk=(10, 34, 0),
    ),
    "tree": _pose(
        elbow=(20, 20), knee=(5, 105), hip=(0, 45), out=(4, 48), arm=(155, 155), plane=(25, 25)
    ),
    "tree_hands_at_hips": _pose(
        elbow=(95, 95), knee=(5, 100), hip=(0, 45), out=(4, 46), arm=(45, 45), plane=(0, 0)
    ),
    "standing_knee_lift": _pose(
        elbow=(15, 15), knee=(85, 5), hip=(85, 0), out=(4, 4), arm=(95, 95), plane=(10, 10)
    ),
    "leg_raised_forward": _pose(
        elbow=(8, 8), knee=(8, 5), hip=(65, 2), out=(5, 4), arm=(80, 80), plane=(80, 80)
    ),
    "leg_raised_aside": _pose(
        elbow=(8, 8), knee=(6, 6), hip=(5, 2), out=(45, 5), arm=(85, 85), plane=(5, 5)
    ),
    "half_moon_bend": _pose(
        elbow=(10, 12), arm=(160, 160), plane=(15, 15), trunk=(0, 22, 0), neck=(5, 5)
    ),
    "standing_twist": _pose(elbow=(10, 10), arm=(85, 85), plane=(5, 5), trunk=(0, 0, 35)),
    "crescent_lunge": _pose(
        elbow=(95, 95), knee=(80, 15), hip=(75, -20), out=(5, 6), arm=(90, 90), plane=(10, 10)
    ),
    "low_lunge": _pose(
        elbow=(10, 10), knee=(90, 85), hip=(85, -15), out=(6, 8), arm=(150, 150), plane=(60, 60)
    ),
    "gate": _pose(
        elbow=(10, 10),
        knee=(8, 92),
        hip=(5, 0),
        out=(48, 4),
        arm=(50, 155),
        plane=(10, 15),
        trunk=(0, 24, 0),
    ),
    "seated_side_bend": _pose(
        elbow=(25, 12),
        knee=(110, 110),
        hip=(75, 75),
        out=(42, 42),
        arm=(55, 155),
        plane=(20, 15),
        trunk=(0, 20, 0),
    ),
    "seated_twist": _pose(
        elbow=(15, 25),
        knee=(108, 108),
        hip=(75, 75),
        out=(42, 42),
        arm=(60, 60),
        plane=(30, 60),
        trunk=(0, 0, 30),
    ),
    "one_arm_up": _pose(elbow=(8, 90), arm=(168, 45), plane=(20, 5)),
}
"""By name, as done on the left; `mirrored` does it on the right."""

TWO_SIDED: Final = {
    "arms_out": _pose(elbow=(6, 6), arm=(90, 90), plane=(3, 3)),
    "arms_up": _pose(elbow=(8, 8), arm=(168, 168), plane=(25, 25)),
    "star": _pose(elbow=(6, 6), out=(28, 28), arm=(105, 105), plane=(5, 5)),
    "goddess": _pose(
        elbow=(90, 90), knee=(70, 70), hip=(25, 25), out=(55, 55), arm=(90, 90), plane=(5, 5)
    ),
    "chair": _pose(
        elbow=(8, 8), knee=(70, 70), hip=(70, 70), arm=(140, 140), plane=(80, 80), trunk=(25, 0, 0)
    ),
    "half_fold": _pose(
        elbow=(8, 8), knee=(8, 8), hip=(65, 65), arm=(60, 60), plane=(80, 80), trunk=(60, 0, 0)
    ),
    "kneeling_arms_up": _pose(
        elbow=(10, 10), knee=(92, 92), hip=(4, 4), out=(6, 6), arm=(160, 160), plane=(40, 40)
    ),
    "seated_easy": _pose(
        elbow=(35, 35), knee=(110, 110), hip=(75, 75), out=(42, 42), arm=(40, 40), plane=(60, 60)
    ),
    "arms_forward": _pose(elbow=(8, 8), arm=(88, 88), plane=(85, 85)),
}
"""By name."""

LEAST: Final = np.array(
    [1, 1, 1, 1, -30, -30, -15, -15, 3, 3, -45, -45, -25, -40, -50, -35, -35], np.float64
)
MOST: Final = np.array(
    [145, 145, 130, 130, 120, 120, 75, 75, 177, 177, 130, 130, 100, 45, 50, 45, 35], np.float64
)
"""(17,) what bodies can do, degrees."""
