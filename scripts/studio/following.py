"""How a pose is set down after the one before it: what touches the floor in both stays there."""

from dataclasses import replace
from typing import Final

import numpy as np

from scripts.studio.asana import other_side
from scripts.studio.holding import TRUNK, Spot
from scripts.studio.placed import Placed, Touch, kept, shared_point, touches
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array
from scripts.studio.stance import SIDES

FURTHEST_M: Final = 0.9
"""What stays takes a pose no further from the mat's middle."""
STAYS_M: Final = 0.12
"""What would have to move by less than this stays, and the body gives way."""
SKEWED_M: Final = 0.08
"""Left and right stay both only if they would have to move alike, but for less than this."""
ALMOST_M: Final = 0.02
"""What is so near stays in any case."""
HEAVY: Final = 10.0
"""The trunk moves as unwillingly as so many limbs."""
LEG: Final = 1.4
"""Legs, which are straight more often, move a little less willingly than arms."""
HIPS: Final = 0.2
"""The way of the hips, which rest on nothing, matters so much."""
LEVEL: Final = np.array((1.0, 0.0, 1.0))


def beside(poser: Poser, placed: Placed, before: Placed) -> Placed:
    """A pose moved as a whole, so that as much as can be stays where it is in the pose before."""
    by = _shift(touches(poser, placed), touches(poser, before), before.pelvis - placed.pelvis)
    return replace(placed, pelvis=placed.pelvis + by, ankles=placed.ankles + by)


def following(poser: Poser, placed: Placed, before: Placed) -> Placed:
    """The same, and changed a little where little is wanting for more to stay.

    A pose that is given in the mat's middle goes no further from it than limbs can step: who walks
    on and on would leave the room.
    """
    moved = beside(poser, placed, before)
    far = float(np.linalg.norm(moved.pelvis - placed.pelvis)) > FURTHEST_M
    if not far or set(TRUNK) & set(placed.contacts) & set(before.contacts):
        placed = moved
    then, now = touches(poser, before), touches(poser, placed)
    spots = {contact: Spot(0, touch.points[0], 0.0) for contact, touch in now.items()}
    ways = _ways(now, then)
    for contact, way in ways.items():
        moves = np.linalg.norm(way)
        skew = np.linalg.norm(way - ways.get(other_side(contact), way))
        if moves < ALMOST_M or (moves < STAYS_M and skew < SKEWED_M):
            point = shared_point(then[contact], now[contact])
            spots[contact] = Spot(point, then[contact].points[point], 0.0)
    return kept(poser, placed, spots)


def _shift(now: dict[str, Touch], then: dict[str, Touch], hips: Array) -> Array:
    """(3,) along the floor: what moves the fewest contacts, and of that what moves least.

    Args:
        now: contacts in a pose.
        then: contacts in the one before.
        hips: (3,) the way from where the hips are to where they were.
    """
    shared = _ways(now, then)
    choices = list(shared.values())
    for part in ("hand", "forearm", "knee", "foot"):
        pair = [shared[c] for c in (f"{side}_{part}" for side in SIDES) if c in shared]
        if len(pair) == len(SIDES):
            choices.append(np.mean(pair, axis=0))
    if not choices:
        return np.zeros(3)

    weights = np.array([_weight(contact) for contact in shared])

    def cost(by: Array) -> tuple[float, float]:
        moves = np.array([np.linalg.norm(way - by) for way in shared.values()])
        left = float(np.minimum(moves, STAYS_M) @ weights)
        stepping = float((moves > STAYS_M) @ np.round(weights))
        return stepping, left + HIPS * float(np.linalg.norm((hips - by) * LEVEL))

    return min(choices, key=cost)


def _ways(now: dict[str, Touch], then: dict[str, Touch]) -> dict[str, Array]:
    """The way (3,) along the floor to where each contact of both poses was."""
    ways = {}
    for contact in sorted((set(now) & set(then)) - {"head"}):
        point = shared_point(then[contact], now[contact])
        ways[contact] = (then[contact].points[point] - now[contact].points[point]) * LEVEL
    return ways


def _weight(contact: str) -> float:
    """How unwillingly a contact moves."""
    if contact in TRUNK:
        return HEAVY
    return LEG if contact.endswith(("foot", "knee")) else 1.0
