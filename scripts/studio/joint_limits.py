"""What the joints of a supple person can do: poses of the library stay within it."""

from types import MappingProxyType
from typing import Final

from coach_server.body.angles import Angle
from scripts.studio.rotations import Array

LIMITS: Final = MappingProxyType(
    {
        Angle.LEFT_ELBOW_FLEXION: (0, 150),
        Angle.LEFT_KNEE_FLEXION: (0, 165),
        Angle.LEFT_HIP_FLEXION: (-60, 165),
        Angle.LEFT_HIP_ABDUCTION: (-40, 90),
        Angle.LEFT_SHOULDER_ELEVATION: (0, 180),
        Angle.TRUNK_SIDE: (-60, 60),
        Angle.TRUNK_TWIST: (-60, 60),
        Angle.NECK_FORWARD: (-75, 90),
        Angle.NECK_SIDE: (-45, 45),
    }
)
"""Degrees; the right side as the left. Hips go by the line of the trunk, as `body.angles` has
them: a rounded back adds to their flexion and a leaning one to their abduction."""
SLACK_DEG: Final = 0.5


def beyond_limits(angles: Array) -> list[str]:
    """The joint angles, of (17,) degrees in the order of `Angle`, that nobody can do."""
    beyond = []
    for angle, (low, high) in LIMITS.items():
        sides = (0,) if angle >= Angle.TRUNK_FORWARD else (0, 1)
        for side in sides:
            degrees = float(angles[angle + side])
            if not low - SLACK_DEG <= degrees <= high + SLACK_DEG:
                beyond.append(f"{Angle(angle + side).name} {degrees:.0f}")
    return beyond
