"""Where a body stands or lies: a pose set down on the floor."""

from dataclasses import replace

import numpy as np

from scripts.studio.asana import Asana
from scripts.studio.following import following
from scripts.studio.limbs import REACH, bend
from scripts.studio.placed import Placed
from scripts.studio.posing import Poser
from scripts.studio.rotations import about, unit
from scripts.studio.settling import lowest, settle
from scripts.studio.stance import LEFT, RIGHT, SIDES, UP, Stance


def place(poser: Poser, asana: Asana, before: Placed | None = None) -> Placed:
    """An asana on the floor: in the mat's middle, but for what stays where it was.

    Who stands on both feet steps back to the middle. A foot that alone stands stays, and so does
    what else rests on the floor, as far as it can.

    Args:
        poser: the body.
        asana: the pose.
        before: the pose before it, None where there is none.
    """
    if asana.rests_on:
        placed = lay(poser, settle(poser, asana), asana)
        return placed if before is None else following(poser, placed, before)
    stance = levelled(poser, asana)
    if asana.facing_deg:
        stance = stance.turned(about(UP, asana.facing_deg))
    hips = poser.hips @ stance.pelvis.T
    ankles = hips + poser.thigh_m * stance.thigh + poser.shin_m * stance.shin
    standing = ankles[list(asana.planted)]
    middle = standing.mean(axis=0)
    target = np.zeros(3)
    alone = _alone(asana, before)
    if alone is not None and before is not None:
        middle, target = ankles[alone], before.ankles[alone]
    pelvis = np.array(
        [target[0] - middle[0], poser.ankle_m - standing[:, 1].min(), target[2] - middle[2]]
    )
    ankles = ankles + pelvis
    ankles[list(asana.planted), 1] = poser.ankle_m
    return stand(poser, Placed(stance, pelvis, ankles, asana.planted))


def _alone(asana: Asana, before: Placed | None) -> int | None:
    """The side whose foot stands in both poses, and in one of them alone; None if there is none."""
    if before is None or asana.planted == before.planted == (LEFT, RIGHT):
        return None
    both = [side for side in asana.planted if f"{SIDES[side]}_foot" in before.contacts]
    return both[0] if len(both) == 1 else None


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
        thigh[side], shin[side] = bend(poser.thigh_m, poser.shin_m, way, thigh[side])
    ankles = placed.ankles.copy()
    for side in {LEFT, RIGHT} - set(placed.planted):
        leg = poser.thigh_m * thigh[side] + poser.shin_m * shin[side]
        ankles[side] = pelvis + hips[side] + leg
    stance = replace(placed.stance, thigh=thigh, shin=shin)
    return Placed(stance, pelvis, ankles, placed.planted)


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
