"""Points of a body by which what rests on the floor is kept in its place."""

from typing import Final

import numpy as np

from scripts.studio.figure import Rig
from scripts.studio.posing import Posed
from scripts.studio.rotations import Array
from scripts.studio.stance import SIDES

HEEL_M: Final = 0.04
"""A heel is so far behind the ankle."""
TOES, HEEL = 0, 1
"""The points of a foot."""


class Anchors:
    """The points of one body: two of a foot (toes and heel), one of anything else.

    Args:
        rig: the bones at rest.
    """

    def __init__(self, rig: Rig) -> None:
        hips = (rig.head("upperleg01.L") + rig.head("upperleg01.R")) / 2.0
        points = {
            "seat": ("root", [hips]),
            "belly": ("root", [hips]),
            "back": ("spine01", [rig.head("spine01")]),
            "head": ("head", [rig.head("head")]),
        }
        for side, s in zip(SIDES, (".L", ".R"), strict=True):
            ankle = rig.head("foot" + s) * (1.0, 0.0, 1.0)
            toes = rig.tail("toe2-3" + s) * (1.0, 0.0, 1.0)
            points[f"{side}_foot"] = ("foot" + s, [toes, ankle - (0.0, 0.0, HEEL_M)])
            points[f"{side}_knee"] = ("lowerleg01" + s, [rig.head("lowerleg01" + s)])
            points[f"{side}_forearm"] = ("lowerarm01" + s, [rig.head("lowerarm01" + s)])
            points[f"{side}_hand"] = ("wrist" + s, [rig.tail("finger3-1" + s)])
        self._points = {
            contact: (rig.index(bone), np.array(at) - rig.head(bone))
            for contact, (bone, at) in points.items()
        }

    def of(self, posed: Posed, contact: str) -> Array:
        """(P, 3) the points of a contact (a key of `contacts.CONTACTS`), metres."""
        bone, offsets = self._points[contact]
        points: Array = posed.heads[bone] + offsets @ posed.turns[bone].T
        return points
