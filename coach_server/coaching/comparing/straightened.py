"""A way through two films between its rows, and straight where nothing tells it.

What dynamic programming finds keeps to whole rows, and in a hold, where all rows look alike, noise
alone leads it. So it is smoothed (Whittaker 1922): each row counts as much as its place is told by
how the cost rises beside it, and between rows that tell it the way runs straight.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from coach_server.body.keypoints import FloatArray
from coach_server.coaching.comparing.path import Band, Places

REACH: Final = 4
"""Rows on either side of the way that tell how well a place is told."""

PLAIN_DEG: Final = 6.0
"""A place beside which the cost rises by so much is plain."""

NOISE_DEG: Final = 1.0
"""By so much it rises for no reason."""

LEAST: Final = 0.01
"""Weight (its root) of a row of which nothing tells the place."""

STIFFNESS: Final = 1000.0
"""How unwillingly the way bends, against how unwillingly it leaves a plain place."""

SHARPNESS_DEG: Final = 1.0
"""Rows that cost so much more than the cheapest hardly count for the place between rows."""


def straightened(path: Places, cost: FloatArray, band: Band) -> NDArray[np.float64]:
    """(T,) places in the instructor's rows, never going back; NaN where the way has none.

    Args:
        path: (T,) as `path.cheapest` gives it.
        cost: (T, W) that it went by.
        band: the rows that these are of.
    """
    placed = np.flatnonzero(path >= 0)
    places, weights = _told(path[placed], cost[placed], band.first[placed])
    out = np.full(len(path), np.nan)
    smooth = np.clip(_smoothed(places, weights), 0.0, band.rows - 1)
    out[placed] = np.maximum.accumulate(smooth)
    return out


def _told(
    path: Places, cost: FloatArray, first: Places
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(T,) places between rows, and how plain each is, 0..1."""
    offsets = np.arange(-REACH, REACH + 1)
    column = path[:, None] - first[:, None] + offsets
    inside = (column >= 0) & (column < cost.shape[1])
    near = np.take_along_axis(cost, np.clip(column, 0, cost.shape[1] - 1), axis=1)
    near = np.where(inside, near, np.inf).astype(np.float64)
    least = near.min(axis=1)
    shares = np.exp(-(near - least[:, None]) / SHARPNESS_DEG)
    places = path + (shares * offsets).sum(axis=1) / shares.sum(axis=1)
    ends = np.where(inside[:, [0, -1]], near[:, [0, -1]], least[:, None])
    rise = ends.min(axis=1) - least
    plain = (rise - NOISE_DEG) / (PLAIN_DEG - NOISE_DEG)
    return places, np.clip(plain, LEAST, 1.0) ** 2


def _smoothed(places: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(T,) least squares of weighted distances from the places and of second differences."""
    count = len(places)
    if count < 3:
        return places
    bend = np.array([1.0, -2.0, 1.0])
    banded = np.zeros((3, count))
    for lag in range(3):  # the matrix of second differences, squared
        products = bend[lag:] * bend[: 3 - lag]
        for at, product in enumerate(products):
            banded[2 - lag, at + lag : at + lag + count - 2] += STIFFNESS * product
    banded[2] += weights
    return np.asarray(solveh_banded(banded, weights * places), np.float64)
