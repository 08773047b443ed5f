"""Directions and rotations: the little algebra that posing needs."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.float64]

_PARALLEL = 1e-6


def unit(v: ArrayLike) -> Array:
    """Vectors (..., 3) scaled to length one; a null vector stays null."""
    array = np.asarray(v, np.float64)
    if array.shape == (3,):  # posing asks for these by the hundred thousand
        x, y, z = array.tolist()
        single: Array = array / max(math.sqrt(x * x + y * y + z * z), 1e-12)
        return single
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    scaled: Array = array / np.maximum(length, 1e-12)
    return scaled


def cross(a: Array, b: Array) -> Array:
    """The cross product of two vectors (3,); `np.cross` takes many times as long for one pair."""
    (ax, ay, az), (bx, by, bz) = a.tolist(), b.tolist()
    return np.array((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx))


def frame(up: ArrayLike, forward: ArrayLike) -> Array:
    """Rotation (3, 3) with columns left, up, forward; `forward` is made square to `up`."""
    u = unit(up)
    f = np.asarray(forward, np.float64)
    f = unit(f - (f @ u) * u)
    return _columns(cross(u, f), u, f)


def axes(along: Array, normal: Array) -> Array:
    """Rotation (3, 3) whose first column is `along` and whose second is nearest to `normal`."""
    a = unit(along)
    n = unit(normal - (normal @ a) * a)
    return _columns(a, n, cross(a, n))


def _columns(first: Array, second: Array, third: Array) -> Array:
    """Three vectors (3,) as a matrix; `np.stack` takes many times as long for so few."""
    matrix = np.empty((3, 3))
    matrix[:, 0], matrix[:, 1], matrix[:, 2] = first, second, third
    return matrix


def turn_between(a: Array, b: Array, share: float) -> Array:
    """Rotation (3, 3) on the way from `a` to `b`: 0 gives `a`, 1 gives `b`."""
    way = a.T @ b
    turning = np.array(
        (way[2, 1] - way[1, 2], way[0, 2] - way[2, 0], way[1, 0] - way[0, 1]), np.float64
    )
    sin, cos = float(np.linalg.norm(turning)), float(np.trace(way)) - 1.0  # both doubled
    if sin < _PARALLEL:
        vector = Rotation.from_matrix(way).as_rotvec()
        by: Array = Rotation.from_rotvec(share * vector).as_matrix()
    else:
        by = _turn(turning / sin, share * float(np.arctan2(sin, cos)))
    turned: Array = a @ by
    return turned


def _turn(axis: Array, radians: float) -> Array:
    """Rotation (3, 3) about a unit vector by Rodrigues' formula."""
    x, y, z = axis
    by = np.array(((0.0, -z, y), (z, 0.0, -x), (-y, x, 0.0)))
    turned: Array = np.eye(3) + np.sin(radians) * by + (1.0 - np.cos(radians)) * (by @ by)
    return turned


def arc(a: Array, b: Array, share: float) -> Array:
    """Unit vectors (..., 3) on the great circles from `a` to `b`; opposite ones go sideways."""
    cos = np.clip(np.sum(a * b, axis=-1, keepdims=True), -1.0, 1.0)
    aside = np.where(cos < -1 + _PARALLEL, b + np.array([1e-2, 2e-2, 3e-2]), b)
    square = unit(aside - a * np.sum(a * aside, axis=-1, keepdims=True))
    angle = np.arccos(cos) * share
    return unit(a * np.cos(angle) + square * np.sin(angle))


def about(axis: ArrayLike, degrees: float) -> Array:
    """Rotation (3, 3) about an axis by the right-hand rule."""
    turned: Array = Rotation.from_rotvec(np.radians(degrees) * unit(axis)).as_matrix()
    return turned
