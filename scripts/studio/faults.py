"""Faults: one joint off by a chosen angle, in a chosen pose, for a chosen part of its hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from coach_server.body.angles import Angle, joint_angles, wrap_degrees
from coach_server.errors import InputError
from scripts.studio import changes
from scripts.studio.asana import Asana
from scripts.studio.changes import Change
from scripts.studio.following import beside
from scripts.studio.footwork import lay, levelled, place
from scripts.studio.placed import Placed
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, about
from scripts.studio.skeletons import h36m_joints
from scripts.studio.stance import FORWARD, LEFT, SIDES, UP, Stance, turned

UNPAIRED: Final = (
    Angle.TRUNK_FORWARD,
    Angle.TRUNK_SIDE,
    Angle.TRUNK_TWIST,
    Angle.NECK_FORWARD,
    Angle.NECK_SIDE,
)
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
    return changes.carried(stance, about(FORWARD, degrees if side == LEFT else -degrees))


@dataclass(frozen=True, slots=True)
class FaultKind:
    """What goes wrong and what a coach should say of it.

    Attributes:
        change: how the stance is made wrong.
        angle: the joint angle that tells: of the left side, where there are two.
        sign: +1 where the fault makes that angle larger.
        joint, direction: the cue that mends it, in the words of cue events.
        lifted: the direction where the thigh is raised beyond `LIFTED_DEG`, where it is another.
        reach: the change that is tried at the most, as a share of the degrees that are asked for.
        frees_feet: whether a foot that the fault lifts leaves the floor, instead of being made to
            stand on it again.
    """

    change: Change
    angle: Angle
    sign: int
    joint: str
    direction: str
    lifted: str | None = None
    reach: float = 2.0
    frees_feet: bool = False


def _catalogue() -> dict[str, FaultKind]:
    kinds = {}
    for angle, change, words, reach in CATALOGUE:
        joint, if_more, if_less, *lifted = words.split()
        name = angle.name.lower().removeprefix("left_")
        for i, (suffix, sign, direction) in enumerate(
            (("more", +1, if_more), ("less", -1, if_less))
        ):
            kinds[f"{name}_{suffix}"] = FaultKind(
                change=_signed(change, sign),
                angle=angle,
                sign=sign,
                joint=joint,
                direction=direction,
                lifted=lifted[i] if lifted else None,
                reach=reach,
                frees_feet=True,
            )
    return kinds


def _signed(change: Change, sign: int) -> Change:
    return lambda stance, side, degrees: change(stance, side, sign * degrees)


LIFTED_DEG: Final = 45.0
"""With the thigh raised beyond this, forward and back are felt as up and down."""
CATALOGUE: Final[tuple[tuple[Angle, Change, str, float], ...]] = (
    (Angle.LEFT_ELBOW_FLEXION, changes.elbow, "elbow straighten bend", 1.3),
    (Angle.LEFT_KNEE_FLEXION, changes.knee, "knee straighten bend", 1.3),
    (Angle.LEFT_HIP_FLEXION, changes.hip_flexion, "hip back forward lower raise", 1.6),
    (Angle.LEFT_HIP_ABDUCTION, changes.hip_abduction, "hip in out", 1.6),
    (Angle.LEFT_SHOULDER_ELEVATION, changes.shoulder_elevation, "shoulder lower raise", 1.6),
    (Angle.LEFT_SHOULDER_PLANE, changes.shoulder_plane, "shoulder back forward", 1.6),
    (Angle.TRUNK_FORWARD, changes.trunk_forward, "trunk back forward", 2.5),
    (Angle.TRUNK_SIDE, changes.trunk_side, "trunk lean_right lean_left", 2.5),
    (Angle.TRUNK_TWIST, changes.trunk_twist, "trunk turn_right turn_left", 2.5),
    (Angle.NECK_FORWARD, changes.neck_forward, "neck back forward", 3.0),
    (Angle.NECK_SIDE, changes.neck_side, "neck lean_right lean_left", 3.0),
)
"""Every angle a coach can cue: its change; its joint, what to do where it is more and where it is
less (and the same of a lifted thigh); the reach."""
EXACT_DEG: Final = 0.5
LIFTED_M: Final = 0.004
"""A foot that a fault lifts by more than this is off the floor."""

KINDS: Final[Mapping[str, FaultKind]] = MappingProxyType(
    {
        "arm_low": FaultKind(lower_arm, Angle.LEFT_SHOULDER_ELEVATION, -1, "shoulder", "raise"),
        "elbow_bent": FaultKind(bend_elbow, Angle.LEFT_ELBOW_FLEXION, +1, "elbow", "straighten"),
        "lean_short": FaultKind(lean_less, Angle.TRUNK_SIDE, -1, "trunk", "lean_left"),
        "knee_straight": FaultKind(straighten_knee, Angle.LEFT_KNEE_FLEXION, -1, "knee", "bend"),
        **_catalogue(),
    }
)
"""Name -> kind: those of the demo, and two for each angle (`elbow_flexion_more` and so on)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a performance.

    Attributes:
        beat: index of the routine's beat in whose hold it happens.
        kind: a key of `KINDS`.
        side: the side that is off, 0 left, 1 right; of a trunk, the side it should lean to.
        degrees: how far off.
        mended_s: seconds into the hold at which it is mended; None where it lasts.
        onset_s: seconds into the hold at which it begins; None where the pose is entered with it.
    """

    beat: int
    kind: str
    side: int
    degrees: float
    mended_s: float | None = None
    onset_s: float | None = None

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

    Raises:
        InputError: this pose cannot be off in that way: a straight knee cannot be straighter.
    """
    kind = KINDS[fault.kind]
    done = place(poser, asana, before)
    right = angles_of(poser, done)
    wanted = kind.sign * fault.degrees
    if asana.rests_on:
        asana = replace(asana, stance=done.stance.turned(about(UP, -asana.facing_deg)))
    elif kind.frees_feet:
        asana = replace(asana, stance=levelled(poser, asana), levelled=None)

    def attempt(degrees: float) -> tuple[Placed, Array]:
        wrong = replace(asana, stance=kind.change(asana.stance, fault.side, degrees))
        if asana.rests_on:
            placed = lay(poser, wrong.stance, wrong)
        elif kind.frees_feet:
            placed = place(poser, replace(wrong, planted=_standing(poser, wrong)), done)
        else:
            placed = place(poser, wrong, done)
        off = (angles_of(poser, placed) - right).astype(np.float32)
        return placed, np.asarray(wrap_degrees(off), np.float64)

    low, high = 0.0, kind.reach * fault.degrees
    for _ in range(24):
        middle = (low + high) / 2.0
        placed, off = attempt(middle)
        if off[fault.angle] * kind.sign < wanted * kind.sign:
            low = middle
        else:
            high = middle
    if abs(off[fault.angle] - wanted) > EXACT_DEG:
        raise InputError(
            f"{asana.english}: {fault.angle.name.lower()} cannot be off by {wanted:g} degrees.",
            hint="Choose the other sign, a smaller size, or another pose.",
        )
    return beside(poser, placed, done) if asana.rests_on else placed, off


def cue_direction(fault: Fault, reference_deg: float) -> str:
    """What mends a fault, where the angle should be `reference_deg`, in the words of cue events."""
    kind = KINDS[fault.kind]
    return kind.lifted if kind.lifted and reference_deg > LIFTED_DEG else kind.direction


def _standing(poser: Poser, asana: Asana) -> tuple[int, ...]:
    """The planted feet that are still down when the legs go as the stance has them."""
    stance = asana.stance
    hips = poser.hips @ stance.pelvis.T
    feet = (hips + poser.thigh_m * stance.thigh + poser.shin_m * stance.shin)[:, 1]
    floor = min(feet[side] for side in asana.planted)
    return tuple(side for side in asana.planted if feet[side] < floor + LIFTED_M)
