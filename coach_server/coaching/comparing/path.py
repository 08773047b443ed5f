"""The cheapest way through two films: dynamic programming in a band, with open ends."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray

FASTEST: Final = 4
"""A student goes on through the instructor's film at most so many rows with each of their own."""

STOPPING_DEG: Final = 5.0
"""Cost of each row by which the student is slower or faster than the instructor."""

OUTSIDE_DEG: Final = 26.0
"""Cost of a student's row that has no place in the instructor's film, before it or after."""

LEFT_OUT_DEG: Final = 0.7
"""Cost of an instructor's row that the student has not come to, or has not been there for."""

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Band:
    """What of the instructor's N rows comes into question for each of the student's T.

    Attributes:
        first: (T,) the first row; never goes back.
        width: how many rows.
        rows: N.
    """

    first: Places
    width: int
    rows: int

    def columns(self, some: slice) -> Places:
        """(S, W) the instructor's rows for some of the student's."""
        return self.first[some, None] + np.arange(self.width)


def everything(student: int, instructor: int) -> Band:
    """All rows for each of the student's."""
    return Band(np.zeros(student, np.intp), instructor, instructor)


def about(path: Places, radius: int, instructor: int) -> Band:
    """The rows within a radius of a path, (T,) with -1 where it has no place."""
    middle = np.maximum.accumulate(np.where(path < 0, 0, path))
    if (path >= 0).any():  # before the path begins: about where it does
        begins = int(np.argmax(path >= 0))
        middle[:begins] = middle[begins]
    width = min(2 * radius + 1, instructor)
    first = np.clip(middle - radius, 0, instructor - width)
    return Band(first.astype(np.intp), width, instructor)


def cheapest(cost: FloatArray, band: Band) -> tuple[Places, float]:
    """The cheapest way.

    Args:
        cost: (T, W) degrees, of each row of the student against those of the band.
        band: which those are.

    Returns:
        (T,) row of the instructor, never going back, -1 where the student is before its beginning
        or after its end; and the mean cost of a row.
    """
    count, width = cost.shape
    steps = np.zeros((count, width), np.int8)  # -1: begins here
    before = np.arange(band.first[0], band.first[0] + width) * LEFT_OUT_DEG
    total = cost[0] + before
    steps[0] = -1
    left = np.empty(count)  # if the way ended here
    ends = np.empty(count, np.intp)
    padded = np.full(width + FASTEST, np.inf)
    for i in range(count):
        columns = np.arange(band.first[i], band.first[i] + width)
        if i:
            shift = int(band.first[i] - band.first[i - 1])
            padded[FASTEST:] = total
            best = np.full(width, np.inf)
            step = np.zeros(width, np.int8)
            for ahead in range(FASTEST + 1):
                way = _moved(padded, shift - ahead, width) + abs(ahead - 1) * STOPPING_DEG
                better = way < best
                best[better], step[better] = way[better], ahead
            begun = columns * LEFT_OUT_DEG + i * OUTSIDE_DEG
            fresh = begun < best
            best[fresh], step[fresh] = begun[fresh], -1
            total = cost[i] + best
            steps[i] = step
        ending = total + (band.rows - 1 - columns) * LEFT_OUT_DEG
        ends[i] = int(np.argmin(ending))
        left[i] = ending[ends[i]] + (count - 1 - i) * OUTSIDE_DEG
    last = int(np.argmin(left))
    return _traced(steps, band, last, int(ends[last])), float(left[last]) / count


def _moved(padded: NDArray[np.float64], by: int, width: int) -> NDArray[np.float64]:
    """(W,) what lies `by` further on in a row of W that `FASTEST` empty places precede."""
    start = FASTEST + by
    if start >= len(padded):
        return np.full(width, np.inf)
    kept = padded[start : start + width]
    if len(kept) == width:
        return kept
    return np.concatenate([kept, np.full(width - len(kept), np.inf)])


def _traced(steps: NDArray[np.int8], band: Band, last: int, place: int) -> Places:
    path = np.full(len(steps), -1, np.intp)
    row = int(band.first[last]) + place
    for i in range(last, -1, -1):
        path[i] = row
        step = int(steps[i, row - band.first[i]])
        if step < 0:
            break
        row -= step
    return path
