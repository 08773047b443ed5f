"""Poses that rest on hands, knees, seat, back or belly: settled on the floor as this body can."""

from dataclasses import fields, replace
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from scipy.optimize import least_squares

from scripts.studio.asana import Asana
from scripts.studio.contacts import Skin
from scripts.studio.posing import Poser
from scripts.studio.rotations import Array, about
from scripts.studio.stance import LEFT, RIGHT, SIDES, Stance, turned

FLOOR_WEIGHT: Final = 400.0
"""A metre off the floor counts as much as so many radians away from the pose as written."""
FREE: Final = ("pitch", "roll", "pelvis", "head")
"""How the trunk gives way: all of it, to the front and to a side; its ends, to the front."""
Limb = tuple[str, str, tuple[int, ...]]
"""Upper and lower segment, and the sides that move."""
ARM, LEG = ("hand", "forearm"), ("foot", "knee")

_skins: WeakKeyDictionary[Poser, Skin] = WeakKeyDictionary()
_settled: WeakKeyDictionary[Poser, dict[str, Stance]] = WeakKeyDictionary()


def skin_of(poser: Poser) -> Skin:
    """The skin of the poser's body."""
    if poser not in _skins:
        _skins[poser] = Skin(poser.figure)
    return _skins[poser]


def lowest(poser: Poser, stance: Stance) -> float:
    """The height of the lowest point of the skin with the pelvis at the origin, metres."""
    return float(skin_of(poser).heights(poser.pose(stance, np.zeros(3))).min())


def settle(poser: Poser, asana: Asana) -> Stance:
    """The stance of an asana, changed as little as lets all that it rests on touch the floor.

    The whole body is pitched and rolled, pelvis and head bend where they touch, and the limbs that
    it rests on are swung; feet and hands that touch the floor keep their own directions.
    """
    known = _settled.setdefault(poser, {})
    key = asana.english
    if key not in known:
        known[key] = _solve(poser, asana)
    return known[key]


def _solve(poser: Poser, asana: Asana) -> Stance:
    skin = skin_of(poser)
    limbs = _limbs(asana)
    moving = np.ones(1 + len(FREE) + 2 * len(limbs), np.bool_)
    moving[1 + FREE.index("roll")] = not _is_even(asana)

    def misfit(x: Array) -> Array:
        free = np.zeros(len(moving))
        free[moving] = x
        stance = _moved(asana, limbs, free[1:])
        heights = skin.heights(poser.pose(stance, np.array([0.0, free[0], 0.0])))
        touching = skin.contact_heights(heights, asana.rests_on)
        below = np.minimum(heights, 0.0)
        return np.concatenate([FLOOR_WEIGHT * touching, FLOOR_WEIGHT * below, free[1:]])

    start = np.zeros(int(moving.sum()))
    start[0] = -lowest(poser, asana.stance)
    found = np.zeros(len(moving))
    found[moving] = least_squares(misfit, start, ftol=1e-4, xtol=1e-4, max_nfev=40).x
    return _moved(asana, limbs, found[1:])


def _is_even(asana: Asana) -> bool:
    """Whether left and right do the same."""
    other = asana.stance.mirrored()
    alike = all(
        np.allclose(getattr(asana.stance, f.name), getattr(other, f.name)) for f in fields(Stance)
    )
    return alike and set(asana.mirrored().rests_on) == set(asana.rests_on)


def _limbs(asana: Asana) -> tuple[Limb, ...]:
    """The limbs that rest on the floor; those of both sides as one where they do the same."""
    limbs: list[Limb] = []
    for side, name in enumerate(SIDES):
        for segments, parts in ((("upper_arm", "forearm"), ARM), (("thigh", "shin"), LEG)):
            if any(f"{name}_{part}" in asana.rests_on for part in parts):
                limbs.append((*segments, (side,)))
    if _is_even(asana):
        return tuple((upper, lower, (LEFT, RIGHT)) for upper, lower, _ in limbs[: len(limbs) // 2])
    return tuple(limbs)


def _moved(asana: Asana, limbs: tuple[Limb, ...], x: Array) -> Stance:
    """The stance with its trunk moved by `FREE` and then its limbs swung, radians."""
    degrees = np.degrees(x)
    by = about((0, 0, 1), degrees[1]) @ about((1, 0, 0), degrees[0])
    stance = asana.stance.turned(by)
    ends = {}
    for end, needs, angle in (
        ("pelvis", {"seat", "back"}, degrees[2]),
        ("head", {"head"}, degrees[3]),
    ):
        if needs <= set(asana.rests_on):
            now = getattr(stance, end)
            ends[end] = about(now[:, 0], angle) @ now
    stance = replace(stance, **ends)
    kept = {"hand": stance.hand, "toes": stance.toes, "soles": stance.soles}
    for side, name in enumerate(SIDES):
        for part, own in (("hand", ("hand",)), ("foot", ("toes", "soles"))):
            if f"{name}_{part}" in asana.rests_on:
                for field in own:
                    kept[field] = kept[field].copy()
                    kept[field][side] = getattr(asana.stance, field)[side]
    swung: dict[str, Array] = {}
    for (upper, lower, sides), by_degrees in zip(
        limbs, degrees[len(FREE) :].reshape(-1, 2), strict=True
    ):
        axis = (stance.chest if upper == "upper_arm" else stance.pelvis)[:, 0]
        for segment, angle in zip((upper, lower), by_degrees, strict=True):
            for side in sides:
                now = swung.get(segment, getattr(stance, segment))
                swung[segment] = turned(now, side, about(axis, angle))
    return replace(stance, **kept, **swung)
