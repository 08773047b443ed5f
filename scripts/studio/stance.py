"""A body's stance as the directions of its segments, free of any body's proportions."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from scripts.studio.rotations import Array, arc, axes, frame, turn_between, unit

LEFT, RIGHT = 0, 1
SIDES = ("left", "right")

ARM = ("upper_arm", "forearm", "hand", "inner_elbow")
LEG = ("thigh", "shin")
OVER = -0.2
"""Cosine between the soles of two poses below which a foot turns over."""

UP = (0.0, 1.0, 0.0)
FORWARD = (0.0, 0.0, 1.0)


def both(x: float, y: float, z: float) -> Array:
    """A direction for both sides: as given on the left, its mirror image on the right."""
    return unit([(x, y, z), (-x, y, z)])


def each(left: ArrayLike, right: ArrayLike) -> Array:
    """A direction for the left and one for the right."""
    return np.stack([unit(left), unit(right)])


@dataclass(frozen=True, slots=True)
class Stance:
    """Directions in world axes (x to the person's left, y up, z ahead), of a person facing z.

    Attributes:
        pelvis, chest, head: (3, 3) rotations with columns left, up, forward.
        upper_arm, forearm, hand: (2, 3) unit vectors from joint to joint, left and right.
        inner_elbow: (2, 3) where the hollow of a straight elbow faces.
        thigh, shin: (2, 3) unit vectors from joint to joint.
        toes: (2, 3) where the feet point.
        soles: (2, 3) which way is up for the feet: up where they stand flat.
    """

    pelvis: Array
    chest: Array
    head: Array
    upper_arm: Array
    forearm: Array
    hand: Array
    inner_elbow: Array
    thigh: Array
    shin: Array
    toes: Array
    soles: Array

    def towards(self, other: "Stance", share: float) -> "Stance":
        """The stance a share of the way to another.

        Every segment goes the shortest way as seen from the one it hangs on: arms are carried by
        the chest, so that they do not pass through it when it turns. Feet go by the room, but by
        the shin where they turn over from their soles to their backs.
        """
        pelvis = turn_between(self.pelvis, other.pelvis, share)
        chest = pelvis @ turn_between(
            self.pelvis.T @ self.chest, other.pelvis.T @ other.chest, share
        )
        head = chest @ turn_between(self.chest.T @ self.head, other.chest.T @ other.head, share)
        limbs = {}
        for names, trunk in ((ARM, "chest"), (LEG, "pelvis")):
            a, b = getattr(self, trunk), getattr(other, trunk)
            now = chest if trunk == "chest" else pelvis
            for name in names:
                seen = arc(getattr(self, name) @ a, getattr(other, name) @ b, share)
                limbs[name] = seen @ now.T
        feet = np.stack([_foot(self, other, side, share, limbs["shin"], pelvis) for side in (0, 1)])
        return Stance(pelvis, chest, head, **limbs, toes=feet[:, :, 2], soles=feet[:, :, 1])

    def turned(self, by: Array) -> "Stance":
        """The whole body turned by a rotation (3, 3)."""
        turned = {}
        for field in fields(self):
            value = getattr(self, field.name)
            turned[field.name] = by @ value if value.shape == (3, 3) else value @ by.T
        return Stance(**turned)

    def mirrored(self) -> "Stance":
        """The same to the other side."""
        aside = np.diag((-1.0, 1.0, 1.0))
        mirrored = {}
        for field in fields(self):
            value = getattr(self, field.name)
            is_frame = value.shape == (3, 3)
            mirrored[field.name] = aside @ value @ aside if is_frame else value[::-1] @ aside
        return Stance(**mirrored)


def _foot(a: Stance, b: Stance, side: int, share: float, shins: Array, pelvis: Array) -> Array:
    """Rotation (3, 3) of a foot on its way, columns left, up and toes."""
    start, end = (frame(s.soles[side], s.toes[side]) for s in (a, b))
    if a.soles[side] @ b.soles[side] > OVER:
        return turn_between(start, end, share)
    start, end = (axes(s.shin[side], s.pelvis[:, 0]).T @ foot for s, foot in ((a, start), (b, end)))
    turned_over: Array = axes(shins[side], pelvis[:, 0]) @ turn_between(start, end, share)
    return turned_over


def standing(
    *,
    pelvis: Array | None = None,
    chest: Array | None = None,
    head: Array | None = None,
    upper_arm: Array | None = None,
    forearm: Array | None = None,
    hand: Array | None = None,
    inner_elbow: Array | None = None,
    thigh: Array | None = None,
    shin: Array | None = None,
    toes: Array | None = None,
    soles: Array | None = None,
) -> Stance:
    """Upright with the arms hanging, but for what is given; a hand goes on from its forearm."""
    upright = frame(UP, FORWARD)
    lower = both(0.14, -1, 0.14) if forearm is None else forearm
    return Stance(
        pelvis=upright if pelvis is None else pelvis,
        chest=upright if chest is None else chest,
        head=upright if head is None else head,
        upper_arm=both(0.22, -1, -0.03) if upper_arm is None else upper_arm,
        forearm=lower,
        hand=lower if hand is None else hand,
        inner_elbow=both(-0.3, 0, 1) if inner_elbow is None else inner_elbow,
        thigh=both(0.045, -1, 0.02) if thigh is None else thigh,
        shin=both(0.03, -1, -0.03) if shin is None else shin,
        toes=both(0.2, 0, 1) if toes is None else toes,
        soles=both(*UP) if soles is None else soles,
    )


def turned(v: Array, side: int, by: Array) -> Array:
    """The pair of directions `v` with that of one side turned by a rotation."""
    out = np.array(v)
    out[side] = by @ out[side]
    return out
