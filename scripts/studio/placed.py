"""A body at a place, and what of it touches the floor there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from scripts.studio.contacts import CONTACTS
from scripts.studio.holding import PASSES, Spot, anchors_of, hold
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array
from scripts.studio.settling import skin_of
from scripts.studio.stance import SIDES, Stance

ON_FLOOR_M = 0.02
"""What is no further from the floor touches it."""


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

    @property
    def contacts(self) -> tuple[str, ...]:
        """What touches the floor (keys of `contacts.CONTACTS`), flat feet among it."""
        feet = (f"{SIDES[side]}_foot" for side in self.planted)
        return tuple(dict.fromkeys([*(c for c in self.rests_on if c in CONTACTS), *feet]))


@dataclass(frozen=True, slots=True)
class Touch:
    """A contact as it is.

    Attributes:
        points: (P, 3) its anchors, metres, as in `anchors.Anchors`.
        height: of its lowest skin above the floor, metres.
    """

    points: Array
    height: float

    def moved(self, by: Array) -> "Touch":
        """The same elsewhere."""
        return Touch(self.points + by, self.height)


def touches(poser: Poser, placed: Placed) -> dict[str, Touch]:
    """What of a body touches the floor, and where."""
    posed = poser.pose(placed.stance, placed.pelvis)
    heights = skin_of(poser).by_region(posed)
    anchors = anchors_of(poser)
    found = {}
    for contact in placed.contacts:
        height = skin_of(poser).contact_height(heights, contact)
        if height < ON_FLOOR_M:
            found[contact] = Touch(anchors.of(posed, contact), height)
    return found


def kept(poser: Poser, placed: Placed, spots: Mapping[str, Spot], passes: int = PASSES) -> Placed:
    """The same with contacts at their spots, as in `holding.hold`."""
    stance, pelvis = hold(poser, placed.stance, placed.pelvis, spots, passes)
    ankles = pelvis + poser.hips @ stance.pelvis.T
    ankles = ankles + poser.thigh_m * stance.thigh + poser.shin_m * stance.shin
    return replace(placed, stance=stance, pelvis=pelvis, ankles=ankles)


def shared_point(a: Touch, b: Touch) -> int:
    """Of a contact in two poses, the anchor that is on the floor in both and moves least."""
    heights = np.maximum(a.points[:, 1], b.points[:, 1])
    moves = np.linalg.norm((a.points - b.points)[:, (0, 2)], axis=1)
    return int(np.argmin(np.where(heights < heights.min() + ON_FLOOR_M, moves, np.inf)))
