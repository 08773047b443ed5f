"""Rotations of many frames at once, as (N, 3, 3) matrices whose columns are turned axes."""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrices: TypeAlias = NDArray[np.float64]
Vectors: TypeAlias = NDArray[np.float64]

_LOCKED: Final = 1 - 1e-9
"""Sine of the middle angle from which the outer two are one."""
_OPPOSITE: Final = -1 + 1e-7
"""Cosine below which a least turn is half a turn, and what little is left."""


def swings(rest: Vectors, way: Vectors) -> Matrices:
    """The least turns that bring `rest` to point along `way`.

    Args:
        rest: (3,) a unit vector.
        way: (N, 3) of any length; of none, nothing is turned.

    Returns:
        (N, 3, 3); half a turn goes about an axis square to `rest`.
    """
    to = _unit(way, rest)
    opposite = to @ rest < _OPPOSITE
    turned = _least(np.where(opposite[:, None], -rest, rest), to)
    turned[opposite] = turned[opposite] @ _half_turn(rest)
    return turned


def _least(start: Vectors, to: Vectors) -> Matrices:
    """Between unit vectors of one row each that are not opposite: 1 / (1 + cos) has digits."""
    axis = np.cross(start, to)
    cross = np.zeros((len(to), 3, 3))
    for (row, column), part in (((2, 1), 0), ((0, 2), 1), ((1, 0), 2)):
        cross[:, row, column] = axis[:, part]
        cross[:, column, row] = -axis[:, part]
    over = 1 + np.sum(start * to, axis=-1)[:, None, None]
    turned: Matrices = np.eye(3) + cross + cross @ cross / over
    return turned


def _half_turn(rest: Vectors) -> Matrices:
    """(3, 3), about an axis square to `rest`."""
    aside = np.eye(3)[np.argmin(np.abs(rest))]
    square = aside - rest * (aside @ rest)
    turned: Matrices = 2 * np.outer(square, square) / (square @ square) - np.eye(3)
    return turned


def frames(x: Vectors, y: Vectors) -> Matrices:
    """(N, 3, 3) with columns along x, along y as far as it is square to x, and their cross."""
    first = _unit(x, np.array([1.0, 0.0, 0.0]))
    square = y - first * np.sum(y * first, axis=-1, keepdims=True)
    third = _unit(np.cross(first, square), np.array([0.0, 0.0, 1.0]))
    turned: Matrices = np.stack([first, np.cross(third, first), third], axis=-1)
    return turned


def angles_of(turns: Matrices, order: str) -> NDArray[np.float64]:
    """Angles that make the turns again, R = Ra Rb Rc for the `order` "ABC" of three axes.

    Args:
        turns: (N, 3, 3).
        order: such as "ZXY".

    Returns:
        (N, 3) degrees, in that order, the middle one from -90 to 90; where that is a quarter turn
        the other two are one, and the last is 0.
    """
    a, b, c = ("XYZ".index(axis) for axis in order)
    sign = 1 if (b - a) % 3 == 1 else -1
    sine = np.clip(sign * turns[:, a, c], -1, 1)
    locked = np.abs(sine) > _LOCKED
    first = np.arctan2(-sign * turns[:, b, c], turns[:, c, c])
    first[locked] = np.arctan2(sign * turns[locked, c, b], turns[locked, b, b])
    last = np.where(locked, 0.0, np.arctan2(-sign * turns[:, a, b], turns[:, a, a]))
    angles: Vectors = np.degrees(np.stack([first, np.arcsin(sine), last], axis=-1))
    return angles


def _unit(vectors: Vectors, instead: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    units: Vectors = np.where(length > 1e-9, vectors / np.maximum(length, 1e-9), instead)
    return units
