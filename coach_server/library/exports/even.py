"""Joints on an even grid in time, for formats that state one rate for all frames."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from coach_server.coaching.track import Track

EVEN_SHARE: Final = 0.05
"""Frames within this share of a frame of the grid are as good as on it (files round times)."""

BRIDGED_S: Final = 0.25
"""Longer than this between two frames, and what happened there is not known."""


@dataclass(frozen=True, slots=True)
class EvenJoints:
    """N frames, frame i at i / `rate` seconds after the film's first.

    Attributes:
        rate: frames a second.
        joints: (N, 17, 3) H36M-17 metres, axes as in `Track`; NaN where nobody is seen.
        seen: (N,) whether somebody is.
    """

    rate: float
    joints: NDArray[np.float64]
    seen: NDArray[np.bool_]

    @classmethod
    def of(cls, track: Track) -> Self:
        """A track's own frames where they are even, else lines between its frames.

        Between two frames only where both have a person and lie `BRIDGED_S` apart at the most.
        """
        joints = np.where(track.present[:, None, None], track.joints, np.nan).astype(np.float64)
        time_s = track.time_s - track.time_s[0] if len(track.time_s) else track.time_s
        grid = np.arange(round(time_s[-1] * track.fps) + 1 if len(time_s) else 0) / track.fps
        tolerance = EVEN_SHARE / track.fps
        if len(grid) != len(time_s) or np.abs(grid - time_s).max(initial=0) > tolerance:
            joints = _between(joints, time_s, grid, tolerance)
        seen = np.isfinite(joints.reshape(-1, 51)).all(axis=1)
        return cls(track.fps, joints, np.asarray(seen))


def _between(
    joints: NDArray[np.float64],
    time_s: NDArray[np.float64],
    grid: NDArray[np.float64],
    tolerance: float,
) -> NDArray[np.float64]:
    """(N, 17, 3) at the grid's times of (T, 17, 3) at `time_s`."""
    after = np.clip(np.searchsorted(time_s, grid), 1, max(len(time_s) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(time_s) - 1)
    span = time_s[after] - time_s[before]
    share = np.clip((grid - time_s[before]) / np.maximum(span, 1e-9), 0, 1)[:, None, None]
    found = joints[before] + share * (joints[after] - joints[before])
    found[span > BRIDGED_S] = np.nan
    for frame in (before, after):  # a frame that is there needs no other
        on_it = np.abs(time_s[frame] - grid) <= tolerance
        found[on_it] = joints[frame[on_it]]
    return found
