"""A figure brought into a stance: forward kinematics, then linear blend skinning."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from scripts.studio.base_mesh import Indices
from scripts.studio.figure import Figure, Rig
from scripts.studio.rotations import Array, about, axes, cross, frame, turn_between, unit
from scripts.studio.stance import FORWARD, UP, Stance

SUFFIXES: Final = (".L", ".R")
SPINE: Final = {"spine05": 0.2, "spine04": 0.45, "spine03": 0.7, "spine02": 0.9, "spine01": 1.0}
"""How far each spinal bone has turned from the pelvis to the chest."""
NECK: Final = {"neck01": 0.3, "neck02": 0.55, "neck03": 0.8, "head": 1.0}
"""How far each neck bone has turned from the chest to the head."""
CLAVICLE_DEGREES: Final = 28.0
"""How far the collar bone rises when the arm goes overhead."""
HANGING: Final = -0.25
"""The share of that by which it sinks when the arm hangs."""
SHOULDER_SHARE: Final = 0.3
"""How far the shoulder follows from the collar bone to the arm: it rounds the deltoid."""
TURNING: Final = (
    "root",
    *SPINE,
    *NECK,
    *("clavicle", "shoulder01", "upperarm01", "upperarm02", "lowerarm01", "lowerarm02", "wrist"),
    *("upperleg01", "upperleg02", "lowerleg01", "lowerleg02", "foot"),
)
"""Bones (of either side) that turn on their own; the others go with the one they hang on."""
BENT: Final = (0.2, 0.5)
"""Sine of flexion from which a hinge begins to follow, and then wholly follows, its own bend."""


@dataclass(frozen=True, slots=True)
class Posed:
    """Where the bones are.

    Attributes:
        turns: (B, 3, 3) how each bone has turned from rest.
        heads: (B, 3) where each bone begins, metres.
    """

    turns: Array
    heads: Array


class Poser:
    """Poses one figure.

    Args:
        figure: the body at rest.
    """

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self._rig = figure.rig
        head = self._rig.head
        self._own, self._above, self._carrier = _turning(self._rig)
        carriers = np.array(self._own)[self._carrier]
        self._offsets = self._rig.heads - self._rig.heads[carriers]
        self._hips_at = [self._rig.index("upperleg01" + s) for s in SUFFIXES]
        self._arm = [_limb(self._rig, ("upperarm01", "lowerarm01", "wrist"), s) for s in SUFFIXES]
        self._leg = [_limb(self._rig, ("upperleg01", "lowerleg01", "foot"), s) for s in SUFFIXES]
        self._hand = [unit(self._rig.tail("finger3-1" + s) - head("wrist" + s)) for s in SUFFIXES]
        self._foot = []
        for s in SUFFIXES:
            toe = self._rig.tail("toe2-3" + s) - head("foot" + s)
            self._foot.append(frame(UP, (toe[0], 0.0, toe[2])))
        self.hips = np.array([head("upperleg01" + s) for s in SUFFIXES])
        self.hips -= self.hips.mean(axis=0)
        self.thigh_m = float(np.linalg.norm(head("lowerleg01.L") - head("upperleg01.L")))
        self.shin_m = float(np.linalg.norm(head("foot.L") - head("lowerleg01.L")))
        self.ankle_m = float(head("foot.L")[1])

    def pose(self, stance: Stance, pelvis: Array) -> Posed:
        """The bones in a stance.

        Args:
            stance: the directions of the segments.
            pelvis: (3,) where the middle between the hip joints is to be, metres.
        """
        turns = self._turns(stance)
        rig, own = self._rig, self._own
        rotations = np.empty((len(own), 3, 3))
        places = np.zeros((len(own), 3))
        for i, (bone, above) in enumerate(zip(own, self._above, strict=True)):
            rotations[i] = turns[rig.names[bone]]
            if above >= 0:
                offset = rig.heads[bone] - rig.heads[own[above]]
                places[i] = places[above] + rotations[above] @ offset
        carried = rotations[self._carrier]
        heads = places[self._carrier] + np.einsum("bij,bj->bi", carried, self._offsets)
        return Posed(carried, heads + (pelvis - heads[self._hips_at].mean(axis=0)))

    def skin(self, posed: Posed, rest: Array, bones_of: Indices, weights: Array) -> Array:
        """Points that move with the bones.

        Args:
            posed: where the bones are.
            rest: (N, 3) the points at rest.
            bones_of: (N, 4) as in `Rig`.
            weights: (N, 4) as in `Rig`.

        Returns:
            (N, 3) metres.
        """
        shift = posed.heads - np.einsum("bij,bj->bi", posed.turns, self._rig.heads)
        matrices = np.concatenate([posed.turns, shift[:, :, None]], axis=2)
        blended = np.einsum("nk,nkij->nij", weights, matrices[bones_of])
        points: Array = np.einsum("nij,nj->ni", blended[:, :, :3], rest) + blended[:, :, 3]
        return points

    def _turns(self, stance: Stance) -> dict[str, Array]:
        turns = {"root": stance.pelvis}
        for bone, share in SPINE.items():
            turns[bone] = turn_between(stance.pelvis, stance.chest, share)
        for bone, share in NECK.items():
            turns[bone] = turn_between(stance.chest, stance.head, share)
        for side, suffix in enumerate(SUFFIXES):
            for bone, turn in self._arm_turns(stance, side).items():
                turns[bone + suffix] = turn
            for bone, turn in self._leg_turns(stance, side).items():
                turns[bone + suffix] = turn
        return turns

    def _arm_turns(self, stance: Stance, side: int) -> dict[str, Array]:
        upper, lower = stance.upper_arm[side], stance.forearm[side]
        rest_upper, rest_lower = self._arm[side]
        rest_hinge = unit(cross(rest_upper, np.array(FORWARD)))
        hinge = _hinge(upper, lower, cross(upper, stance.inner_elbow[side]))
        raised = float(np.clip((upper @ stance.chest[:, 1] + 0.5) / 1.5, HANGING, 1.0))
        outward = 1.0 if side == 0 else -1.0
        collar = stance.chest @ about(FORWARD, outward * raised * CLAVICLE_DEGREES)
        arm = axes(upper, hinge) @ axes(rest_upper, rest_hinge).T
        forearm = axes(lower, hinge) @ axes(rest_lower, rest_hinge).T
        hand = axes(stance.hand[side], hinge) @ axes(self._hand[side], rest_hinge).T
        return {
            "clavicle": collar,
            "shoulder01": turn_between(collar, arm, SHOULDER_SHARE),
            "upperarm01": arm,
            "upperarm02": arm,
            "lowerarm01": forearm,
            "lowerarm02": turn_between(forearm, hand, 0.3),
            "wrist": hand,
        }

    def _leg_turns(self, stance: Stance, side: int) -> dict[str, Array]:
        upper, lower, toes = stance.thigh[side], stance.shin[side], stance.toes[side]
        rest_upper, rest_lower = self._leg[side]
        sideways = cross(upper, -toes)
        if np.linalg.norm(sideways) < BENT[0]:
            sideways = stance.pelvis[:, 0]
        # a knee bent beyond a right angle has its own axis, however small the sine of its flexion
        hinge = cross(upper, lower) if upper @ lower < 0.0 else _hinge(upper, lower, sideways)
        left = np.array((1.0, 0.0, 0.0))
        thigh = axes(upper, hinge) @ axes(rest_upper, left).T
        shin = axes(lower, hinge) @ axes(rest_lower, left).T
        foot = frame(stance.soles[side], toes) @ self._foot[side].T
        return {
            "upperleg01": thigh,
            "upperleg02": thigh,
            "lowerleg01": shin,
            "lowerleg02": shin,
            "foot": foot,
        }


def _turning(rig: Rig) -> tuple[list[int], list[int], Indices]:
    """The bones that turn on their own, which of these each hangs on, and which carries each bone.

    Returns:
        Indices of K bones; for each of them the place in that list of the one above it, -1 for the
        root; (B,) for each bone the place in that list of the one it goes with.
    """
    own: list[int] = []
    above: list[int] = []
    carrier = np.zeros(len(rig.names), np.int64)
    for bone, (name, parent) in enumerate(zip(rig.names, rig.parents, strict=True)):
        hangs_on = int(carrier[parent]) if parent >= 0 else -1
        if name.partition(".")[0] in TURNING:
            carrier[bone] = len(own)
            own.append(bone)
            above.append(hangs_on)
        else:
            carrier[bone] = hangs_on
    return own, above, carrier


def _limb(rig: Rig, joints: tuple[str, str, str], suffix: str) -> tuple[Array, Array]:
    """Directions at rest of a limb's upper and lower segment."""
    first, second, third = (rig.head(name + suffix) for name in joints)
    return unit(second - first), unit(third - second)


def _hinge(upper: Array, lower: Array, straight: Array) -> Array:
    """The axis a joint bends about: its own where it is bent, `straight` where it is not."""
    own = cross(upper, lower)
    low, high = BENT
    share = np.clip((np.linalg.norm(own) - low) / (high - low), 0.0, 1.0)
    return unit((1.0 - share) * unit(straight) + share * unit(own))
