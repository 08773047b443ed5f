"""Both skeletons on each other, as large as the films allow."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.body.skeleton import H36M_BONES, H36m
from coach_server.library.comparisons.bodies import Bodies
from coach_server.library.comparisons.paint import (
    BLUE,
    CARD,
    DARK,
    TEXT,
    Colour,
    Picture,
    between,
    dot,
    of_excess,
    stroke,
    write,
)

WIDTH_PX: Final = 9.0
"""Of a student's limb that is as it should be."""
GHOST_PX: Final = 17.0
"""Of an instructor's."""
GHOST: Final = 0.62
"""How much of the instructor shows."""
LABELLED: Final = 1.0
"""From this many allowances a limb is ringed: it is over."""
_LEAST_M: Final = 0.6
"""However small a movement is, it is not shown larger than as if it were so large."""


class Stage:
    """A box in which both are drawn.

    Args:
        bodies: of all frames.
        size: (width, height) in pixels.
    """

    def __init__(self, bodies: Bodies, size: tuple[int, int]) -> None:
        self._bodies, self._size = bodies, size
        low, high = bodies.extent()
        span = np.maximum(high - low, _LEAST_M)
        self._scale = float(np.min((np.array(size) - (90, 100)) / span))
        self._shift = np.array(size) / 2 + (0, 14) - (low + high) / 2 * self._scale
        self._empty = np.full((size[1], size[0], 3), CARD, np.uint8)

    def draw(self, frame: int) -> Picture:
        """The box with a frame of the student."""
        picture = self._empty.copy()
        theirs = self._bodies.instructor[frame]
        ours = self._bodies.student[frame]
        if np.isfinite(theirs).all():
            self._ghost(picture, theirs)
        if np.isfinite(ours).all():
            self._student(picture, ours, self._bodies.excess[frame])
        else:
            middle = self._size[0] // 2, self._size[1] // 2
            write(picture, "nobody in view", middle, 34, align=cv2.PUT_TEXT_ALIGN_CENTER)
        return picture

    def _ghost(self, picture: Picture, joints: FloatArray) -> None:
        """The instructor, through whom the card shows."""
        colour = between(CARD, BLUE, GHOST)
        at = self._at(joints)
        for i in _far_first(joints):
            parent, child = H36M_BONES[i]
            stroke(picture, at[parent], at[child], colour, GHOST_PX)
        dot(picture, at[H36m.HEAD], GHOST_PX * 1.2, colour)
        for i in _far_first(joints):
            parent, child = H36M_BONES[i]
            stroke(picture, at[parent], at[child], BLUE, 3)

    def _student(self, picture: Picture, joints: FloatArray, excess: FloatArray) -> None:
        at = self._at(joints)
        head, thick = of_excess(float(excess[_TO_HEAD]))
        for i in sorted(_far_first(joints), key=lambda i: excess[i] >= LABELLED):
            parent, child = H36M_BONES[i]
            colour, times = of_excess(float(excess[i]))
            edge = TEXT if excess[i] >= LABELLED else DARK
            stroke(picture, at[parent], at[child], edge, WIDTH_PX * times + 4)
            stroke(picture, at[parent], at[child], colour, WIDTH_PX * times)
        self._head(picture, at[H36m.HEAD], head, WIDTH_PX * (1.2 + 0.4 * thick))
        for joint in _ROUND:
            dot(picture, at[joint], 4.0, TEXT)

    @staticmethod
    def _head(picture: Picture, at: NDArray[np.float64], colour: Colour, radius: float) -> None:
        dot(picture, at, radius + 2, DARK)
        dot(picture, at, radius, colour)

    def _at(self, joints: FloatArray) -> NDArray[np.float64]:
        """(17, 2) pixels of joints."""
        return np.asarray(joints[:, :2] * self._scale + self._shift, np.float64)


def _far_first(joints: FloatArray) -> list[int]:
    """Bones in the order in which they hide each other."""
    middle = [-(joints[parent, 2] + joints[child, 2]) for parent, child in H36M_BONES]
    return [int(i) for i in np.argsort(middle)]


_TO_HEAD: Final = next(i for i, (_, child) in enumerate(H36M_BONES) if child is H36m.HEAD)
_ROUND: Final = tuple(
    joint for joint in H36m if joint not in {H36m.PELVIS, H36m.SPINE, H36m.NECK, H36m.HEAD}
)
"""The joints that a small dot marks."""
