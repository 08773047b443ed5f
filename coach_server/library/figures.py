"""An instructor's poses as a page draws them: few bytes, even in time."""

from typing import Final

import numpy as np

from coach_server.coaching.track import Track

ROWS_PER_S: Final = 15
"""Half of a film's usual rate: a page draws what lies between."""

NOBODY: Final = -32768
"""Stands in all numbers of a row in which nobody was found."""

_MOST_MM: Final = 32767


def figure_rows(track: Track) -> bytes:
    """The joints of a track, `ROWS_PER_S` rows from the film's beginning to its end.

    Gives (R, 17, 3) little-endian int16, H36M-17 millimetres, pelvis at the origin, camera axes.
    A row is that of the track which is nearest in time.
    """
    if not len(track.time_s):
        return b""
    end_s = float(track.time_s[-1]) + 1.0 / track.fps
    times = np.arange(max(1, round(end_s * ROWS_PER_S))) / ROWS_PER_S
    between = (track.time_s[1:] + track.time_s[:-1]) / 2
    nearest = np.searchsorted(between, times)
    joints, present = track.joints[nearest], track.present[nearest]
    millimetres = np.rint(np.where(present[:, None, None], joints, 0.0) * 1000)
    rows = np.clip(millimetres, -_MOST_MM, _MOST_MM).astype("<i2")
    rows[~present] = NOBODY
    return bytes(rows.tobytes())
