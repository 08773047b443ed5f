"""Finding the holds of a routine: the stretches in which the instructor keeps still.

Speed is that of the limbs' directions, not of joint angles, whose poles would make noise look
like motion. Offline: both directions of time are used.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, gaussian_filter1d, label

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import limb_directions
from coach_server.coaching.track import Track

STILL_DEG_S: Final = 14.0
"""A limb turning slower than this keeps still: sway and breathing stay below, transitions above."""

SHORTEST_S: Final = 1.0
"""Shorter pauses are passed through, not held."""

BRIDGED_S: Final = 0.35
"""A wobble no longer than this does not end a hold."""

SMOOTHING_S: Final = 0.15
"""Standard deviation of the kernel that takes the detector's jitter out of the speed."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch in which the instructor keeps still, seconds on the routine's clock."""

    start_s: float
    end_s: float


def find_holds(track: Track) -> tuple[Hold, ...]:
    """The holds of a track in order; none where no person is seen."""
    still = limb_speed(track.joints, track.time_s) < STILL_DEG_S
    still = (
        binary_closing(
            still, structure=np.ones(max(1, round(BRIDGED_S * track.fps))), border_value=0
        )
        | still
    )
    still &= track.present
    runs, count = label(still)
    holds = []
    for run in range(1, count + 1):
        frames = np.flatnonzero(runs == run)
        start, end = float(track.time_s[frames[0]]), float(track.time_s[frames[-1]])
        if end - start >= SHORTEST_S:
            holds.append(Hold(start, end))
    return tuple(holds)


def limb_speed(joints: FloatArray, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Speed of the limb that turns fastest.

    Args:
        joints: (T, 17, 3) H36M-17 metres; NaN rows are taken to move infinitely fast.
        time_s: (T,) seconds, increasing; steps may differ.

    Returns:
        (T,) degrees a second.
    """
    directions = limb_directions(joints)
    seen = np.isfinite(directions).all(axis=(1, 2))
    if not seen.any() or len(joints) < 2:
        return np.full(len(joints), np.inf)
    last_seen = np.maximum.accumulate(np.where(seen, np.arange(len(joints)), seen.argmax()))
    frame_s = (time_s[-1] - time_s[0]) / (len(time_s) - 1)
    filled = gaussian_filter1d(
        directions[last_seen].astype(np.float64), SMOOTHING_S / frame_s, axis=0
    )
    filled /= np.linalg.norm(filled, axis=-1, keepdims=True)
    rate = np.linalg.norm(np.gradient(filled, time_s, axis=0), axis=-1)
    speed: NDArray[np.float64] = np.degrees(rate).max(axis=1)
    speed[~seen] = np.inf
    return speed
