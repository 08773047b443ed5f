"""Keeps what rests on the floor where it is, whatever the rest of the body does.

The trunk comes as it is asked for; the hips are pulled to where every limb that rests can reach,
and the limbs are bent to reach. What is free is kept from going through the floor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from scripts.studio.anchors import Anchors
from scripts.studio.limbs import LIMBS, REACH, Limb, bend, shortest
from scripts.studio.posing import Posed, Poser
from scripts.studio.rotations import Array, unit
from scripts.studio.settling import skin_of
from scripts.studio.stance import UP, Stance

PASSES: Final = 4
PULLS: Final = 12
GIVE: Final = 0.7
"""The share of a limb's want of length by which it pulls the hips, each time."""
ASIDE: Final = 8.0
"""How strongly an elbow or a knee that is below the floor is turned up, per metre."""
FLESH_M: Final = 0.08
"""An elbow or a knee higher than this is not what is below the floor."""
AIR_M: Final = 0.01
"""What is to be higher than this is in the air."""
TRUNK: Final = ("seat", "back", "belly")
TRUNK_REGIONS: Final = ("hips", "trunk", "head")

_anchors: WeakKeyDictionary[Poser, Anchors] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a contact is to be.

    Attributes:
        point: which of its anchors is meant.
        where: (3,) of that anchor, metres; its height is not used.
        height: of its lowest skin above the floor, metres.
    """

    point: int
    where: Array
    height: float


class Tie(NamedTuple):
    """How far a place may be from a joint that moves with the hips."""

    joint: Array
    goal: Array
    nearest: float
    furthest: float


def anchors_of(poser: Poser) -> Anchors:
    """The anchors of the poser's body."""
    if poser not in _anchors:
        _anchors[poser] = Anchors(poser.figure.rig)
    return _anchors[poser]


def hold(
    poser: Poser,
    stance: Stance,
    pelvis: Array,
    spots: Mapping[str, Spot],
    passes: int = PASSES,
) -> tuple[Stance, Array]:
    """The stance and the place of the pelvis (3,) with contacts at their spots.

    Args:
        poser: the body.
        stance: as it is wanted.
        pelvis: (3,) where the pelvis is wanted, metres.
        spots: contact (a key of `contacts.CONTACTS`) -> where it is to be.
        passes: each comes nearer.
    """
    wanted = stance
    for _ in range(passes):
        posed = poser.pose(stance, pelvis)
        step = _Step(poser, wanted, stance, posed, pelvis, spots)
        moved = step.pulled()
        stance = step.solved(moved - pelvis)
        pelvis = moved
    return stance, pelvis


class _Step:
    """One pass: where joints are, and where they have to go."""

    def __init__(
        self,
        poser: Poser,
        wanted: Stance,
        stance: Stance,
        posed: Posed,
        pelvis: Array,
        spots: Mapping[str, Spot],
    ) -> None:
        self._rig = poser.figure.rig
        self._anchors = anchors_of(poser)
        self._skin = skin_of(poser)
        self._wanted = wanted
        self._stance = stance
        self._posed = posed
        self._pelvis = pelvis
        self._heights = self._skin.by_region(posed)
        self._spots = spots
        self._goals = [self._goals_of(limb) for limb in LIMBS]

    def _at(self, bone: str) -> Array:
        at: Array = self._posed.heads[self._rig.index(bone)]
        return at

    def _goals_of(self, limb: Limb) -> tuple[Array | None, Array | None]:
        """Where the middle and the end of a limb have to go; None where they are free."""
        middle = self._at(limb.bones[1])
        lower: Array = getattr(self._stance, limb.lower)[limb.side]
        # where the limb would end if it were straight from its middle: a wrist that bends is not
        end = middle + self._lengths(limb)[1] * lower
        if not self._rests(limb):
            depths = self._depths(limb)
            if not self._spots or max(depths) == 0.0:
                return None, None
            up = np.array(UP)
            low = depths[0] > 0.0 and middle[1] < FLESH_M
            return middle + up * depths[0] if low else None, end + up * depths[1]
        depths = self._depths(limb)
        goals = self._goal(limb.contacts[0], middle), self._goal(limb.contacts[1], end)
        if goals[1] is None and depths[1] > 0.0:
            return goals[0], end + np.array(UP) * depths[1]
        if goals[1] is not None and limb.upper == "thigh" and set(TRUNK) & set(self._spots):
            # who sits or lies lifts a heel rather than press a calf through the floor
            return goals[0], goals[1] + np.array(UP) * depths[0]
        return goals

    def _depths(self, limb: Limb) -> tuple[float, float]:
        """How far below the floor a limb is, between its root and its end and at its end."""
        along, end = (min(self._heights[region] for region in part) for part in limb.regions)
        return max(-along, 0.0), max(-end, 0.0)

    def _rests(self, limb: Limb) -> bool:
        return any(contact in self._spots for contact in limb.contacts)

    def _goal(self, contact: str, joint: Array) -> Array | None:
        spot = self._spots.get(contact)
        if spot is None:
            return None
        off: Array = spot.where - self._anchors.of(self._posed, contact)[spot.point]
        off[1] = spot.height - self._skin.contact_height(self._heights, contact)
        goal: Array = joint + off
        return goal

    def pulled(self) -> Array:
        """(3,) where the pelvis goes, metres."""
        pelvis = self._pelvis.copy()
        resting = [c for c in TRUNK if c in self._spots]
        low = min(self._heights[region] for region in TRUNK_REGIONS)
        if not self._spots:
            pelvis[1] -= min(self._heights.values())
            return pelvis
        if resting:  # the limbs follow the trunk
            offs = [self._spots[c].where - self._anchors.of(self._posed, c)[0] for c in resting]
            pelvis += np.mean(offs, axis=0) * (1.0, 0.0, 1.0)
            pelvis[1] += min(self._spots[c].height for c in resting) - low
            return pelvis
        floor = self._pelvis[1] - low
        ties = self._ties()
        for _ in range(PULLS):
            pelvis[1] = max(pelvis[1], floor)
            for tie in ties:
                way = tie.goal - tie.joint - (pelvis - self._pelvis)
                distance = float(np.linalg.norm(way))
                over = distance - min(max(distance, tie.nearest), tie.furthest)
                pelvis += unit(way) * (GIVE * over)
        pelvis[1] = max(pelvis[1], floor)
        return pelvis

    def _ties(self) -> list[Tie]:
        ties = []
        for limb, (middle, end) in zip(LIMBS, self._goals, strict=True):
            root = self._at(limb.bones[0])
            if limb.contacts[0] in self._spots and middle is not None:
                upper_m, _ = self._lengths(limb)
                ties.append(Tie(root, middle, upper_m, upper_m))
            elif limb.contacts[1] in self._spots and end is not None:
                ties.append(Tie(root, end, *self._spans(limb, root, end)))
        return ties

    def _spans(self, limb: Limb, root: Array, end: Array) -> tuple[float, float]:
        """How near and how far from its root a limb's end may be, metres.

        Not so near that a knee that points down would go through the floor.
        """
        upper_m, lower_m = self._lengths(limb)
        nearest, furthest = shortest(upper_m, lower_m, limb.flexes_deg), upper_m + lower_m
        along = unit(end - root)
        pole = limb.pole(self._wanted)
        sinks = -float(unit(pole - along * float(pole @ along))[1])
        spot = self._spots.get(limb.contacts[1])
        if sinks > 0.0 and limb.upper == "thigh" and spot and spot.height < AIR_M:
            thick = self._at(limb.bones[1])[1] - min(self._heights[r] for r in limb.regions[0])
            line = root[1] + (end[1] - root[1]) * upper_m / furthest
            room = max(line - thick, 0.0) / sinks
            if room < min(upper_m, lower_m):
                straight = np.sqrt(upper_m**2 - room**2) + np.sqrt(lower_m**2 - room**2)
                nearest = max(nearest, min(float(straight), REACH * furthest))
        return nearest, REACH * furthest

    def _lengths(self, limb: Limb) -> tuple[float, float]:
        root, middle, end = (self._rig.head(bone) for bone in limb.bones)
        return float(np.linalg.norm(middle - root)), float(np.linalg.norm(end - middle))

    def solved(self, by: Array) -> Stance:
        """The stance with its limbs where they have to go, the hips having moved `by` (3,)."""
        changed = {
            name: getattr(self._stance, name).copy()
            for name in ("upper_arm", "forearm", "thigh", "shin")
        }
        for limb, (middle, end) in zip(LIMBS, self._goals, strict=True):
            upper_m, lower_m = self._lengths(limb)
            root = self._at(limb.bones[0])
            if self._rests(limb):
                root = root + by
            if middle is not None:
                upper = unit(middle - root)
                changed[limb.upper][limb.side] = upper
                if end is not None:
                    changed[limb.lower][limb.side] = unit(end - root - upper_m * upper)
            elif end is not None:
                way = _no_nearer(end - root, self._spans(limb, root, end)[0])
                pole = limb.pole(self._wanted) + ASIDE * self._depths(limb)[0] * np.array(UP)
                upper, lower = bend(upper_m, lower_m, way, pole)
                changed[limb.upper][limb.side] = upper
                changed[limb.lower][limb.side] = lower
        return replace(self._stance, **changed)


def _no_nearer(way: Array, nearest: float) -> Array:
    """A way (3,) that is no shorter than so many metres, lengthened along the floor."""
    if np.linalg.norm(way) >= nearest:
        return way
    level = unit(way * (1.0, 0.0, 1.0)) * np.sqrt(max(nearest**2 - float(way[1]) ** 2, 0.0))
    longer: Array = level + np.array((0.0, way[1], 0.0))
    return longer
