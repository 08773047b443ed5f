"""Leaving still frames out: while nothing moves where the person is, what was said holds."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.cheaper_keypoints.seen import THUMBNAIL, Seen

MARGIN: Final = 0.25
"""How much further than the keypoints the person may reach, in sizes of their box."""


def reused(seen: Seen, most: int, levels: float) -> NDArray[np.intp]:
    """(T,) the frame whose keypoints are taken for each.

    A frame is left out where the picture around the person differs from that of the last frame that
    was looked at by less, in the mean, than `levels` grey levels beyond the camera's noise, and at
    most `most` in a row are.
    """
    taken = np.arange(len(seen.found))
    small = seen.thumbnails.astype(np.int16)
    limit = levels + _noise(small)
    last = -1
    for i in range(len(taken)):
        if last >= 0 and i - last <= most and seen.found[last]:
            rows, columns = _around(seen, last)
            if np.abs(small[i, rows, columns] - small[last, rows, columns]).mean() < limit:
                taken[i] = last
                continue
        last = i
    return taken


def _noise(small: NDArray[np.int16]) -> float:
    """Grey levels by which two pictures in a row differ in a quiet moment: most of them is room."""
    return float(np.quantile(np.abs(np.diff(small, axis=0)).mean(axis=(1, 2)), 0.25))


def _around(seen: Seen, frame: int) -> tuple[slice, slice]:
    """Rows and columns of the thumbnail that show the person."""
    places = seen.points[frame, :, :2]
    low, high = places.min(axis=0), places.max(axis=0)
    reach = MARGIN * (high - low).max()
    first = np.clip((low - reach) * THUMBNAIL, 0, np.array(THUMBNAIL) - 1).astype(int)
    end = np.clip(np.ceil((high + reach) * THUMBNAIL), first + 1, THUMBNAIL).astype(int)
    return slice(first[1], end[1]), slice(first[0], end[0])
