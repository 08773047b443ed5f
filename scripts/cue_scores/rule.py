"""The plain rule by which the baselines decide: off by more than the band for half a second."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.coaching.cue import Direction, Joint, Side
from scripts.cue_scores.figure import Array
from scripts.cue_scores.scoring import Cue

BAND_DEG: Final = 15.0
LEAVE: Final = 0.7
PERSISTENCE_S: Final = 0.5
REPEAT_AFTER_S: Final = 10.0
GAP_S: Final = 0.5
"""After a longer gap without the student everything begins anew."""

Told: TypeAlias = tuple[Joint, Side, Direction | None]
Tell: TypeAlias = Callable[[int, int], Told]
"""What to say of a frame and a column."""


def decided(t: Array, off: FloatArray | Array, runs: NDArray[np.bool_], tell: Tell) -> list[Cue]:
    """The cues of columns that are off.

    A column that was off for `PERSISTENCE_S` is named, and named again after `REPEAT_AFTER_S` if it
    still is; within `LEAVE` of the band it is mended.

    Args:
        t: (T,) seconds.
        off: (T, N) degrees; NaN where a column is not judged, which leaves it as it was.
        runs: (T,) whether the film runs: nothing is said while it does not.
        tell: what to say of a frame and a column.
    """
    since = np.full(off.shape[1], np.nan)
    said: dict[Told, float] = {}
    open_cues: dict[int, int] = {}
    cues: list[Cue] = []
    size = np.abs(off)
    before = -np.inf
    for i, now in enumerate(t.tolist()):
        if now - before > GAP_S:
            since[:] = np.nan
        if np.isfinite(size[i]).any():
            before = now
        inside = size[i] < LEAVE * BAND_DEG
        for column in np.flatnonzero(inside & ~np.isnan(since)).tolist():
            since[column] = np.nan
            if column in open_cues:
                number = open_cues.pop(column)
                cues[number] = replace(cues[number], fixed_t=now)
        starts = (size[i] > BAND_DEG) & np.isnan(since)
        since[starts] = now
        if not runs[i]:
            continue
        due = (now - since >= PERSISTENCE_S) & (size[i] > LEAVE * BAND_DEG)
        for column in np.flatnonzero(due).tolist():
            told = tell(i, column)
            if now - said.get(told, -np.inf) < REPEAT_AFTER_S:
                continue
            said[told] = now
            open_cues[column] = len(cues)
            cues.append(Cue(now, *told, spoken=True))
    return cues
