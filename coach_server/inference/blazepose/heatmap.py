"""Sharpens landmarks by the heatmap around each: the centre of mass of a 7 x 7 window."""

from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray

GRID: Final = 64
"""Cells along a side of a heatmap."""
_REACH: Final = 3
_MIN_PEAK: Final = 0.5
"""A window whose highest value is lower says nothing of where the landmark is."""

_OFFSETS: Final = np.arange(-_REACH, _REACH + 1)


def refine(points: FloatArray, logits: FloatArray, channels: np.typing.NDArray[np.intp]) -> None:
    """Move `points` in place to where the heatmaps see them.

    Args:
        points: (n, 2) x, y in cells of the heatmap, continuous.
        logits: (GRID, GRID, c) rows, columns, landmarks.
        channels: (n,) the landmark of each point.
    """
    cell = points.astype(np.intp)
    inside = ((points >= 0) & (points < GRID)).all(axis=1)
    columns = cell[:, 0, None, None] + _OFFSETS[None, None, :]
    rows = cell[:, 1, None, None] + _OFFSETS[None, :, None]
    on_map = (columns >= 0) & (columns < GRID) & (rows >= 0) & (rows < GRID)
    window = logits[
        np.clip(rows, 0, GRID - 1), np.clip(columns, 0, GRID - 1), channels[:, None, None]
    ]
    mass = on_map / (1 + np.exp(-np.clip(window, -80, 80)))
    clear = inside & (mass.max(axis=(1, 2)) >= _MIN_PEAK)
    total = mass.sum(axis=(1, 2))[clear]
    points[clear, 0] = (mass * columns).sum(axis=(1, 2))[clear] / total
    points[clear, 1] = (mass * rows).sum(axis=(1, 2))[clear] / total
