"""A pose as angles, with how sure they are and how much of a change in them would be read."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from coach_server.body.angles import Angle, angles_and_sigma
from coach_server.body.keypoints import FloatArray

JOINT_SIGMA_M: Final = np.array([0.03, 0.04, 0.11], np.float32)
"""Spread assumed per camera axis where the lifter states none: depth is seen worst.

So far off, in 68 % of the frames, are the joints of `blazepose-world` on rendered people who were
not used to tune it.
"""


def _of(values: dict[Angle, float], usual: float) -> FloatArray:
    table = np.full(len(Angle), usual, np.float32)
    for angle, value in values.items():
        table[angle] = value
    return table


def _pairs(values: dict[Angle, float]) -> dict[Angle, float]:
    """The same of the right side: angles come in pairs, the left one first."""
    return {Angle(angle + side): value for angle, value in values.items() for side in (0, 1)}


OFTEN_WRONG: Final = _of(
    {
        **_pairs(
            {
                Angle.LEFT_KNEE_FLEXION: 1.7,
                Angle.LEFT_HIP_FLEXION: 2.3,
                Angle.LEFT_HIP_ABDUCTION: 1.3,
                Angle.LEFT_ELBOW_FLEXION: 1.0,
                Angle.LEFT_SHOULDER_PLANE: 1.5,
            }
        ),
        Angle.TRUNK_TWIST: 3.0,
        Angle.NECK_SIDE: 0.8,
    },
    1.1,
)
"""(17,) how many times as wide as stated the errors of an angle are, between two people.

Chosen by hand with half of the error that 95 % keep to on trials of `dev`, in stated deviations, in
view: left and right there are knees 1.7 and 1.0, hips' flexion 4.7 and 2.3, abduction 1.3 and 1.1.
Plane and twist are wider, as practices of `dev` showed. Knees and hips were first taken narrower,
and widened to these after a look at `val`.
"""

FELT: Final = _of(
    {
        Angle.TRUNK_FORWARD: 0.8,
        Angle.TRUNK_TWIST: 0.5,
        Angle.NECK_FORWARD: 0.5,
        Angle.NECK_SIDE: 0.5,
    },
    1.0,
)
"""(17,) how much of a change of a well seen angle is read: the others lie in what hides them."""

BLUNT_DEG: Final = 12.0
"""Of an angle that is as unsure as this, half of a change is read: the lifter falls back on what
bodies usually do."""

LEAST_FELT: Final = 0.5
"""What is felt less than this is not made up for: it would be guessing."""

EXACT_DEG: Final = 1.0
"""A spread below this is that of exact joints."""

UNKNOWN_DEG: Final = _of({Angle.NECK_FORWARD: 5.0, Angle.NECK_SIDE: 2.0}, 0.0)
"""(17,) spread from what is not known of a body: the shape of the face tells a head's tilt."""

TILT_DEG: Final = (9.0, 3.0)
"""The same of the trunk's lean forward and to the side where the camera's tilt is not known."""

_LEAN: Final = slice(Angle.TRUNK_FORWARD, Angle.TRUNK_SIDE + 1)
LEVELLED_DEG: Final = (4.0, 1.0)
"""And where it is known from a calibration, which tells a roll to a degree, but a pitch to four
only: whether a body leans towards a camera is what a lifter sees worst."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A pose's angles, columns in the order of `Angle`.

    Attributes:
        angles: (17,) degrees.
        sigma: (17,) degrees, one standard deviation, as the joints' spread has it.
        unknown: (17,) degrees, one standard deviation of what the joints do not tell.
        felt: (17,) the share of a change of the angle that would be read.
    """

    angles: FloatArray
    sigma: FloatArray
    unknown: FloatArray
    felt: FloatArray

    @classmethod
    def of(cls, joints: FloatArray, sigma: FloatArray, *, levelled: bool = False) -> Self:
        """From a pose (17, 3) and its spread (17, 3), NaN where unknown.

        `levelled` says whether its y axis is known to be the vertical.
        """
        known = np.where(np.isfinite(sigma), sigma, JOINT_SIGMA_M)
        angles, spread = angles_and_sigma(joints, known)
        unknown = UNKNOWN_DEG.copy()
        unknown[_LEAN] = LEVELLED_DEG if levelled else TILT_DEG
        blunt = 1.0 / (1.0 + (spread / BLUNT_DEG) ** 2)
        # exact joints feel all of it: what is blunt about an angle shows in its spread
        kind = np.where(spread < EXACT_DEG, 1.0, FELT)
        felt = np.maximum(blunt * kind, LEAST_FELT)
        if not np.isfinite(sigma).all():  # nothing is known of how this lifter falls short
            felt = np.ones_like(felt)
        return cls(angles, spread, unknown, np.asarray(felt, np.float32))

    def restless(self, unrest: FloatArray) -> Self:
        """The same of someone whose angles go (17,) degrees about these while they are held."""
        return replace(self, unknown=np.asarray(np.hypot(self.unknown, unrest), np.float32))
