"""Where a body stands: feet flat on the floor, stepping from pose to pose, never sliding."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scripts.studio.asana import Asana
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, about, unit
from scripts.studio.settling import lowest, settle
from scripts.studio.stance import LEFT, RIGHT, UP, Stance

STEP_M: Final = 0.05
"""A foot that ends further than this from where it began is lifted on the way."""
LIFT: Final = 0.16
"""Height of a step, as a share of its length."""
REACH: Final = 0.9999
"""The share of a leg's length that it may stretch to."""
FIRST, SECOND, ALONE = (0.02, 0.52), (0.48, 0.98), (0.1, 0.9)
"""When in a transition a foot moves that steps first, second, or alone."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A stance at a place.

    Attributes:
        stance: the directions of the segments.
        pelvis: (3,) middle between the hip joints, metres.
        ankles: (2, 3) the ankle joints, left and right.
        planted: which feet stand flat on the floor.
        rests_on: what else touches it, where the body does not stand on flat feet alone.
    """

    stance: Stance
    pelvis: Array
    ankles: Array
    planted: tuple[int, ...]
    rests_on: tuple[str, ...] = ()


def place(poser: Poser, asana: Asana, before: Placed | None = None) -> Placed:
    """An asana on the floor.

    Args:
        poser: the body.
        asana: the pose.
        before: the pose before it, needed where a foot stays.
    """
    if asana.rests_on:
        return lay(poser, settle(poser, asana), asana)
    stance = levelled(poser, asana)
    if asana.facing_deg:
        stance = stance.turned(about(UP, asana.facing_deg))
    hips = poser.hips @ stance.pelvis.T
    ankles = hips + poser.thigh_m * stance.thigh + poser.shin_m * stance.shin
    standing = ankles[list(asana.planted)]
    middle = standing.mean(axis=0)
    target = np.zeros(3)
    if asana.stays is not None and before is not None:
        middle, target = ankles[asana.stays], before.ankles[asana.stays]
    pelvis = np.array(
        [target[0] - middle[0], poser.ankle_m - standing[:, 1].min(), target[2] - middle[2]]
    )
    ankles = ankles + pelvis
    ankles[list(asana.planted), 1] = poser.ankle_m
    return stand(poser, Placed(stance, pelvis, ankles, asana.planted))


def lay(poser: Poser, stance: Stance, asana: Asana) -> Placed:
    """A stance on the floor as it is: the lowest point of the skin touches, in the mat's middle."""
    if asana.facing_deg:
        stance = stance.turned(about(UP, asana.facing_deg))
    heads = poser.pose(stance, np.zeros(3)).heads
    middle = (heads.min(axis=0) + heads.max(axis=0)) / 2.0
    pelvis = np.array([-middle[0], 0.0, -middle[2]])
    return rest(poser, Placed(stance, pelvis, np.zeros((2, 3)), (), asana.rests_on))


def rest(poser: Poser, placed: Placed) -> Placed:
    """The same with the lowest point of the skin on the floor."""
    stance = placed.stance
    pelvis = placed.pelvis * (1.0, 0.0, 1.0)
    pelvis[1] = -lowest(poser, stance)
    ankles = pelvis + poser.hips @ stance.pelvis.T
    ankles = ankles + poser.thigh_m * stance.thigh + poser.shin_m * stance.shin
    return replace(placed, pelvis=pelvis, ankles=ankles)


def between(poser: Poser, a: Placed, b: Placed, share: float) -> Placed:
    """The body on its way from `a` to `b`, `share` from 0 to 1 already eased."""
    stance = a.stance.towards(b.stance, share)
    pelvis = a.pelvis + share * (b.pelvis - a.pelvis)
    if a.rests_on or b.rests_on:
        rests_on = (set(a.rests_on) & set(b.rests_on)) or {"floor"}
        lying = Placed(stance, pelvis, np.zeros((2, 3)), (), tuple(sorted(rests_on)))
        return rest(poser, lying)
    travel = np.linalg.norm((b.ankles - a.ankles)[:, (0, 2)], axis=1)
    steps = travel > STEP_M
    ankles = a.ankles + share * (b.ankles - a.ankles)
    for side in (LEFT, RIGHT):
        if not steps[side]:
            continue
        start, end = ALONE if not steps.all() else (FIRST, SECOND)[side]
        part = float(np.clip((share - start) / (end - start), 0.0, 1.0))
        part = part * part * (3.0 - 2.0 * part)
        ankles[side] = a.ankles[side] + part * (b.ankles[side] - a.ankles[side])
        ankles[side, 1] += LIFT * travel[side] * np.sin(np.pi * part)
    planted = tuple(side for side in a.planted if side in b.planted)
    return stand(poser, Placed(stance, pelvis, ankles, planted))


def stand(poser: Poser, placed: Placed) -> Placed:
    """The same with the planted legs made to reach their ankles, the pelvis lowered if need be."""
    hips = poser.hips @ placed.stance.pelvis.T
    length = REACH * (poser.thigh_m + poser.shin_m)
    pelvis = placed.pelvis.copy()
    for side in placed.planted:
        away = (pelvis + hips[side] - placed.ankles[side])[[0, 2]]
        height = np.sqrt(max(length**2 - float(away @ away), 0.0))
        pelvis[1] = min(pelvis[1], placed.ankles[side, 1] + height - hips[side, 1])
    thigh, shin = placed.stance.thigh.copy(), placed.stance.shin.copy()
    for side in placed.planted:
        way = placed.ankles[side] - pelvis - hips[side]
        thigh[side], shin[side] = _bend(poser, way, thigh[side])
    ankles = placed.ankles.copy()
    for side in {LEFT, RIGHT} - set(placed.planted):
        leg = poser.thigh_m * thigh[side] + poser.shin_m * shin[side]
        ankles[side] = pelvis + hips[side] + leg
    stance = replace(placed.stance, thigh=thigh, shin=shin)
    return Placed(stance, pelvis, ankles, placed.planted)


def _bend(poser: Poser, way: Array, thigh: Array) -> tuple[Array, Array]:
    """Thigh and shin directions that span `way`, the knee on the side where `thigh` has it."""
    upper, lower = poser.thigh_m, poser.shin_m
    distance = min(float(np.linalg.norm(way)), upper + lower)
    along = unit(way)
    knee = upper * thigh - along * float(upper * thigh @ along)
    if np.linalg.norm(knee) < 1e-6:
        knee = np.cross(along, np.cross((0.0, 0.0, 1.0), along))
    cos = (upper**2 + distance**2 - lower**2) / (2 * upper * distance)
    cos = float(np.clip(cos, -1.0, 1.0))
    new_thigh = along * cos + unit(knee) * np.sqrt(1.0 - cos * cos)
    return new_thigh, unit(along * distance - upper * new_thigh)


def levelled(poser: Poser, asana: Asana) -> Stance:
    """The asana's stance with its levelled leg spread until both ankles are equally high."""
    stance, side = asana.stance, asana.levelled
    if side is None:
        return stance
    other = RIGHT if side == LEFT else LEFT
    hips = poser.hips @ stance.pelvis.T
    foot = hips[other] + poser.thigh_m * stance.thigh[other] + poser.shin_m * stance.shin[other]
    drop = float(hips[side, 1] - foot[1])
    length = poser.thigh_m + poser.shin_m
    across = unit(stance.thigh[side] * (1.0, 0.0, 1.0))
    cos = min(drop / length, 1.0)
    straight = np.array((0.0, -cos, 0.0)) + across * np.sqrt(1.0 - cos * cos)
    thigh, shin = stance.thigh.copy(), stance.shin.copy()
    thigh[side], shin[side] = straight, straight
    return replace(stance, thigh=thigh, shin=shin)
