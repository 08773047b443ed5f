"""What an angle's deviation asks of the student, and which deviations explain others."""

from dataclasses import dataclass
from typing import Final

from coach_server.body.angles import Angle
from coach_server.coaching.cue import Direction, Joint, Side


@dataclass(frozen=True, slots=True)
class Correction:
    """What to do about one angle.

    Attributes:
        joint, side: what the angle belongs to.
        if_more: what to do where the student's angle is larger than the reference.
        if_less: what to do where it is smaller.
    """

    joint: Joint
    side: Side
    if_more: Direction
    if_less: Direction

    def direction(self, degrees: float) -> Direction:
        """What the student should do about a deviation (student minus reference)."""
        return self.if_more if degrees > 0 else self.if_less


def _both_sides(
    left: Angle, right: Angle, joint: Joint, if_more: Direction, if_less: Direction
) -> dict[Angle, Correction]:
    return {
        left: Correction(joint, Side.LEFT, if_more, if_less),
        right: Correction(joint, Side.RIGHT, if_more, if_less),
    }


CORRECTIONS: Final[dict[Angle, Correction]] = {
    **_both_sides(
        Angle.LEFT_ELBOW_FLEXION,
        Angle.RIGHT_ELBOW_FLEXION,
        Joint.ELBOW,
        Direction.STRAIGHTEN,
        Direction.BEND,
    ),
    **_both_sides(
        Angle.LEFT_KNEE_FLEXION,
        Angle.RIGHT_KNEE_FLEXION,
        Joint.KNEE,
        Direction.STRAIGHTEN,
        Direction.BEND,
    ),
    **_both_sides(
        Angle.LEFT_HIP_FLEXION,
        Angle.RIGHT_HIP_FLEXION,
        Joint.HIP,
        Direction.BACK,
        Direction.FORWARD,
    ),
    **_both_sides(
        Angle.LEFT_HIP_ABDUCTION,
        Angle.RIGHT_HIP_ABDUCTION,
        Joint.HIP,
        Direction.IN,
        Direction.OUT,
    ),
    **_both_sides(
        Angle.LEFT_SHOULDER_ELEVATION,
        Angle.RIGHT_SHOULDER_ELEVATION,
        Joint.SHOULDER,
        Direction.LOWER,
        Direction.RAISE,
    ),
    **_both_sides(
        Angle.LEFT_SHOULDER_PLANE,
        Angle.RIGHT_SHOULDER_PLANE,
        Joint.SHOULDER,
        Direction.BACK,
        Direction.FORWARD,
    ),
    Angle.TRUNK_FORWARD: Correction(Joint.TRUNK, Side.CENTER, Direction.BACK, Direction.FORWARD),
    Angle.TRUNK_SIDE: Correction(
        Joint.TRUNK, Side.CENTER, Direction.LEAN_RIGHT, Direction.LEAN_LEFT
    ),
    Angle.TRUNK_TWIST: Correction(
        Joint.TRUNK, Side.CENTER, Direction.TURN_RIGHT, Direction.TURN_LEFT
    ),
    Angle.NECK_FORWARD: Correction(Joint.NECK, Side.CENTER, Direction.BACK, Direction.FORWARD),
    Angle.NECK_SIDE: Correction(Joint.NECK, Side.CENTER, Direction.LEAN_RIGHT, Direction.LEAN_LEFT),
}

JOINT_OF: Final[dict[Angle, str]] = {
    angle: entry.joint.value if entry.side is Side.CENTER else f"{entry.side}_{entry.joint}"
    for angle, entry in CORRECTIONS.items()
}
"""What deviations are called that a page is told of: `left_knee`, `trunk`."""

JUDGED_JOINTS: Final = tuple(dict.fromkeys(JOINT_OF.values()))
"""All of those names, each once."""

LIFTED_THIGH_DEG: Final = 45.0
"""With the reference's thigh raised beyond this, forward and back are felt as up and down."""

EXPLAINED_BY: Final[dict[Angle, tuple[Angle, ...]]] = {
    Angle.LEFT_HIP_FLEXION: (Angle.LEFT_KNEE_FLEXION, Angle.TRUNK_FORWARD),
    Angle.RIGHT_HIP_FLEXION: (Angle.RIGHT_KNEE_FLEXION, Angle.TRUNK_FORWARD),
    Angle.LEFT_HIP_ABDUCTION: (Angle.LEFT_KNEE_FLEXION, Angle.TRUNK_SIDE),
    Angle.RIGHT_HIP_ABDUCTION: (Angle.RIGHT_KNEE_FLEXION, Angle.TRUNK_SIDE),
    Angle.NECK_FORWARD: (Angle.TRUNK_FORWARD,),
    Angle.NECK_SIDE: (Angle.TRUNK_SIDE,),
}
"""With the feet on the floor a thigh follows from the knee and the trunk: they are named first."""

CORE_FIRST: Final = (Joint.TRUNK, Joint.HIP, Joint.KNEE, Joint.SHOULDER, Joint.ELBOW, Joint.NECK)
"""Of several deviations the one nearest the core is named first."""


def correction(angle: Angle, degrees: float, reference_deg: float) -> tuple[Joint, Side, Direction]:
    """What to say of a deviation of `degrees` where the reference angle is `reference_deg`."""
    entry = CORRECTIONS[angle]
    direction = entry.direction(degrees)
    if entry.joint is Joint.HIP and reference_deg > LIFTED_THIGH_DEG:
        direction = _LIFTED.get(direction, direction)
    return entry.joint, entry.side, direction


_LIFTED: Final = {Direction.FORWARD: Direction.RAISE, Direction.BACK: Direction.LOWER}
