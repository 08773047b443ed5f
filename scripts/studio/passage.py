"""The way from one pose into the next: what rests on the floor in both stays or steps."""

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from scripts.studio.footwork import stand
from scripts.studio.holding import Spot
from scripts.studio.placed import Placed, Touch, kept, shared_point, touches
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, arc
from scripts.studio.stance import LEFT, RIGHT, SIDES, Stance

STEP_M: Final = 0.02
"""What ends further than this from where it began is lifted on the way."""
LIFT: Final = 0.16
LIFT_M: Final = (0.02, 0.1)
"""The height of a step is a share of its length and a little, and no more than that."""
WINDOWS: Final = {1: (0.1, 0.8), 2: (0.02, 0.48), 3: (0.02, 0.4), 4: (0.02, 0.32)}
"""How many limbs step -> when the first begins and how long each takes, as shares of the way."""

EDGE: Final = 0.05
"""The share of the way in which a body comes out of a pose, and into one."""


class Step(NamedTuple):
    """A contact on its way.

    Attributes:
        point: the anchor that is followed.
        start, end: (3,) where that is at first and at last, metres.
        heights: of the contact at first and at last, metres.
        window: from when to when it moves, as shares of the way; None where it stays.
    """

    point: int
    start: Array
    end: Array
    heights: tuple[float, float]
    window: tuple[float, float] | None

    def at(self, share: float) -> Spot:
        """Where it is to be."""
        part, lift = share, 0.0
        if self.window is not None:
            part, rise = stride(share, self.window)
            lift = rise * step_height(float(np.linalg.norm(self.end - self.start)))
        height = self.heights[0] + part * (self.heights[1] - self.heights[0])
        return Spot(self.point, self.start + part * (self.end - self.start), height + lift)


def stride(share: float, window: tuple[float, float]) -> tuple[float, float]:
    """How far a step has come, and how high it is as a share of its height."""
    start, end = window
    u = min(max((share - start) / (end - start), 0.0), 1.0)
    return u * u * (3.0 - 2.0 * u), float(np.sin(np.pi * u))


def step_height(length_m: float) -> float:
    """The height of a step, metres."""
    least, most = LIFT_M
    return min(least + LIFT * length_m, most)


def windows(count: int) -> list[tuple[float, float]]:
    """When each of so many limbs steps, one after the other."""
    first, length = WINDOWS[count]
    starts = np.linspace(first, 1.0 - first - length, count) if count > 1 else [first]
    return [(float(start), float(start) + length) for start in starts]


class Passage:
    """A body's way from one place to another.

    Args:
        poser: the body.
        a, b: where it begins and ends.
    """

    def __init__(self, poser: Poser, a: Placed, b: Placed) -> None:
        self._poser = poser
        self._a, self._b = a, b
        self._on_feet = a.planted == b.planted == (LEFT, RIGHT)
        self._steps = {} if self._on_feet else self._stepped(touches(poser, a), touches(poser, b))

    def at(self, share: float) -> Placed:
        """The body on its way, `share` from 0 to 1 already eased."""
        a, b = self._a, self._b
        stance = a.stance.towards(b.stance, share)
        pelvis = a.pelvis + share * (b.pelvis - a.pelvis)
        if self._on_feet:
            return self._on_foot(stance, pelvis, share)
        spots = {contact: step.at(share) for contact, step in self._steps.items()}
        stance = _with_hands_flat(stance, a.stance, b.stance, share, spots)
        lies = bool(a.rests_on or b.rests_on)
        on_way = Placed(
            stance,
            pelvis,
            a.ankles,
            planted=() if lies else tuple(side for side in a.planted if side in b.planted),
            rests_on=(tuple(spots) or ("floor",)) if lies else (),
        )
        return self._at_rest(kept(self._poser, on_way, spots), share)

    def _at_rest(self, placed: Placed, share: float) -> Placed:
        """The same, at either end exactly the pose that is held there.

        A pose may rest on more than both share, which moves it by a centimetre or two.
        """
        end = self._a if share < 0.5 else self._b
        near = max(1.0 - min(share, 1.0 - share) / EDGE, 0.0)
        near *= near * (3.0 - 2.0 * near)
        return replace(
            placed,
            stance=placed.stance.towards(end.stance, near),
            pelvis=placed.pelvis + near * (end.pelvis - placed.pelvis),
            ankles=placed.ankles + near * (end.ankles - placed.ankles),
        )

    def _stepped(self, a: dict[str, Touch], b: dict[str, Touch]) -> dict[str, Step]:
        """The contacts of both, those of one limb moving together."""
        ways = {}
        for contact in sorted((set(a) & set(b)) - {"head"}):
            point = shared_point(a[contact], b[contact])
            ways[contact] = (point, a[contact].points[point], b[contact].points[point])
        limbs: dict[str, list[str]] = {}
        for contact, (_, start, end) in ways.items():
            if np.linalg.norm((end - start)[[0, 2]]) > STEP_M:
                limbs.setdefault(_limb(contact), []).append(contact)
        when: dict[str, tuple[float, float]] = {}
        if limbs:
            for limb, window in zip(limbs.values(), windows(len(limbs)), strict=True):
                when |= dict.fromkeys(limb, window)
        return {
            c: Step(point, start, end, (a[c].height, b[c].height), when.get(c))
            for c, (point, start, end) in ways.items()
        }

    def _on_foot(self, stance: Stance, pelvis: Array, share: float) -> Placed:
        """On both feet all the way: they step, one after the other."""
        a, b = self._a.ankles, self._b.ankles
        travel = np.linalg.norm((b - a)[:, (0, 2)], axis=1)
        stepping = [side for side in (LEFT, RIGHT) if travel[side] > STEP_M]
        ankles = a + share * (b - a)
        for side, window in zip(stepping, windows(len(stepping)) if stepping else [], strict=True):
            part, rise = stride(share, window)
            ankles[side] = a[side] + part * (b[side] - a[side])
            ankles[side, 1] += rise * step_height(float(travel[side]))
        return stand(self._poser, Placed(stance, pelvis, ankles, self._a.planted))


def between(poser: Poser, a: Placed, b: Placed, share: float) -> Placed:
    """The body on its way from `a` to `b`, `share` from 0 to 1 already eased."""
    return Passage(poser, a, b).at(share)


def _limb(contact: str) -> str:
    """What steps together with a contact: a leg, an arm, or the trunk."""
    side, _, part = contact.partition("_")
    if side not in SIDES:
        return "trunk"
    return f"{side} {'leg' if part in {'knee', 'foot'} else 'arm'}"


def _with_hands_flat(
    stance: Stance, a: Stance, b: Stance, share: float, spots: dict[str, Spot]
) -> Stance:
    """The stance with hands that rest turned as the floor has them, not as the chest has."""
    hand = stance.hand.copy()
    for side, name in enumerate(SIDES):
        if f"{name}_hand" in spots:
            hand[side] = arc(a.hand[side], b.hand[side], share)
    return replace(stance, hand=hand)
