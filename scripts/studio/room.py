"""A quiet room: boards, a wall with a window's light, a mat, a picture, a plant."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from scripts.studio.rotations import Array, unit
from scripts.studio.wardrobe import Colour, Kind, linear

CORNERS: Final = ((0, 1, 2), (0, 2, 3))
MAT_M: Final = 0.006
"""Thickness of the mat; its top is where y = 0, so that people stand on it."""


@dataclass(frozen=True, slots=True)
class Decor:
    """Colours of a room and where things stand.

    Attributes:
        back_m: where the wall is, behind the middle of the mat.
        plant_x, picture_x: places along the wall, metres to the right of the picture.
        key, ambient: strength of the sun and of the room's light.
        sun: direction towards the key light.
    """

    floor: Colour = (176, 140, 104)
    wall: Colour = (214, 208, 198)
    mat: Colour = (92, 110, 128)
    skirting: Colour = (238, 236, 231)
    picture: tuple[Colour, Colour] = ((196, 120, 84), (226, 190, 140))
    pot: Colour = (178, 110, 82)
    leaf: Colour = (70, 112, 66)
    back_m: float = -1.7
    plant_x: float = 1.55
    picture_x: float = -1.35
    key: float = 0.70
    ambient: float = 0.50
    sun: tuple[float, float, float] = (-0.45, 0.85, 0.75)


@dataclass(frozen=True, slots=True)
class RoomMesh:
    """Triangles of a room, three vertices each.

    Attributes:
        points, normals, colours, materials: (V, 3); materials as in `wardrobe.Dressed`.
    """

    points: Array
    normals: Array
    colours: Array
    materials: Array


class _Quads:
    def __init__(self) -> None:
        self.rows: list[Array] = []

    def add(self, corners: Sequence[ArrayLike], colour: Colour, kind: Kind) -> None:
        """A flat quadrilateral, its corners anticlockwise as seen from where it faces."""
        points = np.array(corners, np.float64)
        normal = unit(np.cross(points[1] - points[0], points[2] - points[0]))
        material = (float(kind), 0.0, 0.0)
        for triangle in CORNERS:
            for corner in triangle:
                self.rows.append(np.concatenate([points[corner], normal, linear(colour), material]))

    def facing(self, x: float, y: float, w: float, h: float, z: float, colour: Colour) -> None:
        """An upright rectangle that faces the camera, by its lower left corner and size."""
        corners = [(x, y, z), (x + w, y, z), (x + w, y + h, z), (x, y + h, z)]
        self.add(corners, colour, Kind.PLAIN)


def furnish(decor: Decor) -> RoomMesh:
    """The mesh of a room."""
    quads = _Quads()
    back = decor.back_m
    for x in range(-5, 5):  # in tiles: the rasteriser leaves a seam across one huge rectangle
        for deep in range(8):
            z = back + deep
            tile = [(x, 0, z + 1), (x + 1, 0, z + 1), (x + 1, 0, z), (x, 0, z)]
            quads.add(tile, decor.floor, Kind.FLOOR)
        for y in range(4):
            tile = [(x, y, back), (x + 1, y, back), (x + 1, y + 1, back), (x, y + 1, back)]
            quads.add(tile, decor.wall, Kind.WALL)
    quads.facing(-6, 0, 12, 0.11, back + 0.015, decor.skirting)
    w, d, t = 0.92, 0.34, MAT_M
    mat = [(-w, t, d), (w, t, d), (w, t, -d), (-w, t, -d)]
    quads.add(mat, decor.mat, Kind.PLAIN)
    edge = _shaded(decor.mat, 0.8)
    quads.add([(-w, 0, d), (w, 0, d), (w, t, d), (-w, t, d)], edge, Kind.PLAIN)
    _picture(quads, decor)
    _plant(quads, decor)
    table = np.array(quads.rows)
    table[:, 1] -= MAT_M
    return RoomMesh(*(table[:, i : i + 3] for i in (0, 3, 6, 9)))


def _shaded(colour: Colour, share: float) -> Colour:
    red, green, blue = (min(round(c * share), 255) for c in colour)
    return red, green, blue


def _picture(quads: _Quads, decor: Decor) -> None:
    x, y, z = decor.picture_x - 0.3, 1.15, decor.back_m + 0.02
    first, second = decor.picture
    quads.facing(x - 0.03, y - 0.03, 0.66, 0.86, z, (92, 72, 56))
    quads.facing(x, y, 0.60, 0.80, z + 0.004, (240, 236, 228))
    quads.facing(x + 0.10, y + 0.12, 0.40, 0.26, z + 0.008, first)
    quads.facing(x + 0.10, y + 0.38, 0.40, 0.30, z + 0.008, second)


def _plant(quads: _Quads, decor: Decor) -> None:
    x, z = decor.plant_x, decor.back_m + 0.35
    sides = 10
    rim = [(np.cos(2 * np.pi * k / sides), np.sin(2 * np.pi * k / sides)) for k in range(sides + 1)]
    for (ax, az), (bx, bz) in pairwise(rim):
        low, high = 0.11, 0.15
        corners = [
            (x + low * bx, 0, z + low * bz),
            (x + low * ax, 0, z + low * az),
            (x + high * ax, 0.32, z + high * az),
            (x + high * bx, 0.32, z + high * bz),
        ]
        quads.add(corners, decor.pot, Kind.PLAIN)
    rng = np.random.default_rng(5)
    for k in range(16):
        angle = 2.4 * k
        rise, reach = rng.uniform(0.35, 0.75), rng.uniform(0.12, 0.34)
        ahead = np.array([np.cos(angle), 0.0, np.sin(angle)])
        across = np.cross(ahead, (0.0, 1.0, 0.0)) * 0.045
        root = np.array([x, 0.30, z])
        middle = root + ahead * reach * 0.5 + (0.0, rise * 0.75, 0.0)
        tip = root + ahead * reach + (0.0, rise, 0.0)
        fold = middle + np.array([0.0, 0.01, 0.0])
        colour = _shaded(decor.leaf, rng.uniform(0.75, 1.15))
        for side in (1.0, -1.0):
            leaf: list[Array] = [root, middle + side * across, tip, fold]
            quads.add(leaf, colour, Kind.PLAIN)
