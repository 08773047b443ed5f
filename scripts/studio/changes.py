"""How a stance is made wrong at one joint: a signed change for every angle a coach can cue.

Each takes a stance, a side and signed degrees, positive where the angle of `body.angles` is to
grow, and turns what hangs on the joint with it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from scripts.studio.rotations import Array, about, unit
from scripts.studio.stance import LEFT, UP, Stance, turned

Change = Callable[[Stance, int, float], Stance]
"""(stance, side, degrees) -> the stance made wrong by about so much."""

STRAIGHT: Final = 0.02
"""Sine of flexion below which a hinge has no axis of its own."""
SPLITS: Final = np.linspace(0.0, 1.0, 41)


def elbow(stance: Stance, side: int, degrees: float) -> Stance:
    """Bends an elbow more or less; a straight one towards its hollow."""
    upper, lower = stance.upper_arm[side], stance.forearm[side]
    axis = np.cross(upper, lower)
    if np.linalg.norm(axis) < STRAIGHT:
        axis = np.cross(upper, stance.inner_elbow[side])
    by = about(axis, degrees)
    forearm, hand = turned(stance.forearm, side, by), turned(stance.hand, side, by)
    return replace(stance, forearm=forearm, hand=hand)


def knee(stance: Stance, side: int, degrees: float) -> Stance:
    """Bends a knee more or less; of a leg that stands, so that the hip stays as high as it can."""
    upper, lower = stance.thigh[side], stance.shin[side]
    axis = np.cross(upper, lower)
    if np.linalg.norm(axis) < STRAIGHT:
        axis = np.cross(upper, -stance.toes[side])
    if np.linalg.norm(axis) < STRAIGHT:
        axis = stance.pelvis[:, 0]
    shares = SPLITS if stands(stance, side) else SPLITS[:1]
    heights = [
        (about(axis, -share * degrees) @ upper + about(axis, (1 - share) * degrees) @ lower)[1]
        for share in shares
    ]
    share = shares[np.abs(np.array(heights) - (upper + lower)[1]).argmin()]
    return replace(
        stance,
        thigh=turned(stance.thigh, side, about(axis, -share * degrees)),
        shin=turned(stance.shin, side, about(axis, (1.0 - share) * degrees)),
    )


def stands(stance: Stance, side: int) -> bool:
    """Whether a leg stands on a flat foot."""
    return bool(stance.soles[side, 1] > 0.99 and stance.shin[side, 1] < -0.5)


def hip_flexion(stance: Stance, side: int, degrees: float) -> Stance:
    """Swings a leg to the front."""
    return _leg(stance, side, about(stance.pelvis[:, 0], -degrees))


def hip_abduction(stance: Stance, side: int, degrees: float) -> Stance:
    """Swings a leg outward."""
    return _leg(stance, side, about(stance.pelvis[:, 2], degrees if side == LEFT else -degrees))


def shoulder_elevation(stance: Stance, side: int, degrees: float) -> Stance:
    """Raises an arm in the plane it is in; one that hangs or is overhead to its side."""
    down, arm = -stance.chest[:, 1], stance.upper_arm[side]
    axis = np.cross(down, arm)
    if np.linalg.norm(axis) < STRAIGHT:
        axis = np.cross(down, stance.chest[:, 0] * (1.0 if side == LEFT else -1.0))
    return _arm(stance, side, about(axis, degrees))


def shoulder_plane(stance: Stance, side: int, degrees: float) -> Stance:
    """Brings a raised arm to the front."""
    return _arm(stance, side, about(stance.chest[:, 1], -degrees if side == LEFT else degrees))


def trunk_forward(stance: Stance, _side: int, degrees: float) -> Stance:
    """Leans the trunk to the front, head and arms with it."""
    return carried(stance, about(_level_left(stance), degrees))


def trunk_side(stance: Stance, _side: int, degrees: float) -> Stance:
    """Leans the trunk to the left, head and arms with it."""
    return carried(stance, about(np.cross(_level_left(stance), UP), -degrees))


def trunk_twist(stance: Stance, _side: int, degrees: float) -> Stance:
    """Turns the shoulders to the left, head and arms with them."""
    return carried(stance, about(stance.chest[:, 1], degrees))


def neck_forward(stance: Stance, _side: int, degrees: float) -> Stance:
    """Hangs the head to the front."""
    return replace(stance, head=about(stance.chest[:, 0], degrees) @ stance.head)


def neck_side(stance: Stance, _side: int, degrees: float) -> Stance:
    """Hangs the head to the left."""
    return replace(stance, head=about(stance.chest[:, 2], -degrees) @ stance.head)


def carried(stance: Stance, by: Array) -> Stance:
    """The chest turned by a rotation, head and arms with it."""
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


def _level_left(stance: Stance) -> Array:
    return unit(stance.pelvis[:, 0] * (1.0, 0.0, 1.0))


def _arm(stance: Stance, side: int, by: Array) -> Stance:
    names = ("upper_arm", "forearm", "hand", "inner_elbow")
    return replace(stance, **{name: turned(getattr(stance, name), side, by) for name in names})


def _leg(stance: Stance, side: int, by: Array) -> Stance:
    names = ["thigh", "shin"]
    if not stands(stance, side):
        names += ["toes", "soles"]
    return replace(stance, **{name: turned(getattr(stance, name), side, by) for name in names})
