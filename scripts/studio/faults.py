"""Faults: one joint off by a chosen angle, in a chosen pose, for a chosen part of its hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from coach_server.body.angles import Angle, joint_angles, wrap_degrees
from scripts.studio.asana import Asana
from scripts.studio.footwork import Placed, place
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, about
from scripts.studio.skeletons import h36m_joints
from scripts.studio.stance import FORWARD, LEFT, SIDES, Stance, turned

Change = Callable[[Stance, int, float], Stance]
"""(stance, side, degrees) -> the stance made wrong by about so much."""

UNPAIRED: Final = (Angle.TRUNK_FORWARD, Angle.TRUNK_SIDE, Angle.TRUNK_TWIST)
"""Angles that have no left and right."""
THIGH_SHARE: Final = 0.2
"""Of an unbent knee: how much of it the thigh takes, the shin (foot further out) the rest."""


def lower_arm(stance: Stance, side: int, degrees: float) -> Stance:
    """A raised arm sinks sideways, all of a piece."""
    by = about(FORWARD, -degrees if side == LEFT else degrees)
    return replace(
        stance,
        upper_arm=turned(stance.upper_arm, side, by),
        forearm=turned(stance.forearm, side, by),
        hand=turned(stance.hand, side, by),
    )


def bend_elbow(stance: Stance, side: int, degrees: float) -> Stance:
    """A straight arm bends at the elbow, the hand over the head."""
    by = about(FORWARD, degrees if side == LEFT else -degrees)
    return replace(
        stance,
        forearm=turned(stance.forearm, side, by),
        hand=turned(stance.hand, side, by),
    )


def straighten_knee(stance: Stance, side: int, degrees: float) -> Stance:
    """A knee bent to the side bends less: the hip a little higher, the foot further out."""
    outward = 1.0 if side == LEFT else -1.0
    by = outward * degrees
    return replace(
        stance,
        thigh=turned(stance.thigh, side, about(FORWARD, -by * THIGH_SHARE)),
        shin=turned(stance.shin, side, about(FORWARD, by * (1.0 - THIGH_SHARE))),
    )


def lean_less(stance: Stance, side: int, degrees: float) -> Stance:
    """A trunk that leans to a side comes up, head and arms with it."""
    by = about(FORWARD, degrees if side == LEFT else -degrees)
    arms = (stance.upper_arm, stance.forearm, stance.hand, stance.inner_elbow)
    upper_arm, forearm, hand, inner_elbow = (v @ by.T for v in arms)
    return replace(
        stance,
        chest=by @ stance.chest,
        head=by @ stance.head,
        upper_arm=upper_arm,
        forearm=forearm,
        hand=hand,
        inner_elbow=inner_elbow,
    )


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What goes wrong and what a coach should say of it.

    Attributes:
        change: how the stance is made wrong.
        angle: the joint angle that tells: of the left side, where there are two.
        sign: +1 where the fault makes that angle larger.
        joint, direction: the cue that mends it, in the words of cue events.
    """

    change: Change
    angle: Angle
    sign: int
    joint: str
    direction: str


KINDS: Final[Mapping[str, FaultKind]] = MappingProxyType(
    {
        "arm_low": FaultKind(lower_arm, Angle.LEFT_SHOULDER_ELEVATION, -1, "shoulder", "raise"),
        "elbow_bent": FaultKind(bend_elbow, Angle.LEFT_ELBOW_FLEXION, +1, "elbow", "straighten"),
        "lean_short": FaultKind(lean_less, Angle.TRUNK_SIDE, -1, "trunk", "lean_left"),
        "knee_straight": FaultKind(straighten_knee, Angle.LEFT_KNEE_FLEXION, -1, "knee", "bend"),
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a performance.

    Attributes:
        beat: index of the routine's beat in whose hold it happens.
        kind: a key of `KINDS`.
        side: the side that is off, 0 left, 1 right; of a trunk, the side it should lean to.
        degrees: how far off.
        mended_s: seconds into the hold at which it is mended; None where it lasts.
    """

    beat: int
    kind: str
    side: int
    degrees: float
    mended_s: float | None = None

    @property
    def angle(self) -> Angle:
        """The joint angle that tells."""
        angle = KINDS[self.kind].angle
        return angle if angle in UNPAIRED else Angle(angle + self.side)

    @property
    def side_name(self) -> str:
        """The side as cue events name it."""
        return "center" if KINDS[self.kind].angle in UNPAIRED else SIDES[self.side]


def angles_of(poser: Poser, placed: Placed) -> Array:
    """(17,) joint angles in degrees of a body at a place, in the order of `body.angles`."""
    joints = h36m_joints(poser.figure, poser.pose(placed.stance, placed.pelvis))
    facing = ((joints - joints[0]) * (1.0, -1.0, -1.0)).astype(np.float32)
    return np.asarray(joint_angles(facing), np.float64)


def place_wrong(
    poser: Poser, asana: Asana, fault: Fault, before: Placed | None
) -> tuple[Placed, Array]:
    """A pose with a fault of exactly the size that was asked for.

    Returns:
        The body with the fault, and (17,) by how much each joint angle is off, degrees.
    """
    kind = KINDS[fault.kind]
    right = angles_of(poser, place(poser, asana, before))
    wanted = kind.sign * fault.degrees

    def attempt(degrees: float) -> tuple[Placed, Array]:
        stance = kind.change(asana.stance, fault.side, degrees)
        placed = place(poser, replace(asana, stance=stance), before)
        off = (angles_of(poser, placed) - right).astype(np.float32)
        return placed, np.asarray(wrap_degrees(off), np.float64)

    low, high = 0.0, 2.0 * fault.degrees
    for _ in range(24):
        middle = (low + high) / 2.0
        placed, off = attempt(middle)
        if off[fault.angle] * kind.sign < wanted * kind.sign:
            low = middle
        else:
            high = middle
    return placed, off
