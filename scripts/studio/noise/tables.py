"""Tables by condition, in which what was seldom seen is drawn towards what is usual.

Frames of one sequence are alike: `FRAMES_ALIKE` of them count as one.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.studio.noise.aspect import CELLS, POSTURES, VIEWS
from scripts.studio.rotations import Array

FRAMES_ALIKE: Final = 45.0
BELIEVED: Final = 3.0
"""What is usual counts for so many."""
OUTLYING: Final = 4.0
"""Values further from the median than this, in units of half of them, are drawn in to it."""
NARROW: Final = 1e-6
"""Quantiles nearer to each other are the same."""
STEEPNESS: Final = np.array([1.0, 0.1, 0.1, 0.1])
"""About the mean squares of what the detector's 3D is told from, metres."""

Index = NDArray[np.intp]


def locations(values: Array, cell: Index) -> Array:
    """(CELLS, ...) the means of values (T, ...), drawn to those of their view."""
    middle = np.median(values, axis=0)
    reach = OUTLYING * np.median(np.abs(values - middle), axis=0)
    near = np.clip(values, middle - reach, middle + reach)
    usual = np.tile(near.mean(axis=0), (len(VIEWS), *[1] * (near.ndim - 1)))
    usual = _drawn_means(near, cell % len(VIEWS), usual)
    return _drawn_means(near, cell, np.concatenate([usual] * len(POSTURES)))


def quantiles(values: Array, cell: Index, at: Array, cells: int = CELLS) -> Array:
    """(cells, ..., Q) of values (T, ...), drawn to those of all."""
    usual = np.moveaxis(np.quantile(values, at, axis=0), 0, -1)
    found = np.tile(usual, (cells, *[1] * usual.ndim))
    for c in range(cells):
        here = values[cell == c]
        if len(here):
            own = _own_share(len(here))
            mine = np.moveaxis(np.quantile(here, at, axis=0), 0, -1)
            found[c] = own * mine + (1.0 - own) * usual
    return found


def blend(weights: Array, table: Array) -> Array:
    """(..., *table.shape[1:]) the rows of a table by their weights (..., CELLS)."""
    blended: Array = weights @ table.reshape(len(table), -1)
    return blended.reshape(*weights.shape[:-1], *table.shape[1:])


def looked_up(kept: Array, at: Array, chance: Array) -> Array:
    """(...) the quantiles at `chance` (...), of quantiles kept (..., Q) at `at` (Q,)."""
    above = np.clip(np.searchsorted(at, chance), 1, len(at) - 1)
    low = np.take_along_axis(kept, (above - 1)[..., None], -1)[..., 0]
    high = np.take_along_axis(kept, above[..., None], -1)[..., 0]
    share = np.minimum((chance - at[above - 1]) / (at[above] - at[above - 1]), 1.0)
    found: Array = low + share * (high - low)
    return found


def ranks(values: Array, kept: Array, at: Array) -> Array:
    """(T, ...) the ranks 0..1 of values in quantiles (T, ..., Q): the middle one of equal ones."""
    found = np.zeros(values.shape)
    for i in range(len(at) - 1):
        low, high = kept[..., i], kept[..., i + 1]
        width = np.maximum(high - low, NARROW)
        for side in (-NARROW, NARROW):
            inside = np.clip((values + side - low) / width, 0.0, 1.0)
            found += inside * ((at[i + 1] - at[i]) / 2.0)
    return found


def regressions(known: Array, values: Array, view: Index, views: int) -> Array:
    """(views, J, W, K) values (T, J, W) from what is known (T, J, K), drawn to those of all."""
    _, joints, ways = values.shape
    fitted = np.empty((views, joints, ways, known.shape[-1]))
    for j in range(joints):
        usual = _regression(known[:, j], values[:, j], np.zeros((known.shape[-1], ways)))
        near = _drawn_in(known[:, j], values[:, j], usual)
        usual = _regression(known[:, j], near, usual)
        for v in range(views):
            here = view == v
            fitted[v, j] = _regression(known[here, j], near[here], usual).T
    return fitted


def _regression(known: Array, values: Array, usual: Array) -> Array:
    """(K, W) that is drawn to the usual one."""
    pull = BELIEVED * FRAMES_ALIKE * np.diag(STEEPNESS)
    drawn = np.linalg.solve(known.T @ known + pull, known.T @ values + pull @ usual)
    return np.asarray(drawn, np.float64)


def _drawn_in(known: Array, values: Array, fitted: Array) -> Array:
    expected = known @ fitted
    reach = OUTLYING * np.median(np.abs(values - expected), axis=0)
    near: Array = expected + np.clip(values - expected, -reach, reach)
    return near


def _drawn_means(values: Array, cell: Index, usual: Array) -> Array:
    means = usual.copy()
    for c in range(len(usual)):
        here = values[cell == c]
        if len(here):
            own = _own_share(len(here))
            means[c] = own * here.mean(axis=0) + (1.0 - own) * usual[c]
    return means


def _own_share(frames: int) -> float:
    alike = frames / FRAMES_ALIKE
    return alike / (alike + BELIEVED)
