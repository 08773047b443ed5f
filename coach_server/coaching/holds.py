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
from coach_server.body.registration import LIMBS, limb_directions
from coach_server.body.skeleton import H36m
from coach_server.coaching.track import Track

STILL_DEG_S: Final = 14.0
"""A limb turning slower than this keeps still: sway and breathing stay below, transitions above."""

SHORTEST_S: Final = 1.0
"""Shorter pauses are passed through, not held."""

BRIDGED_S: Final = 0.35
"""A wobble no longer than this does not end a hold."""

FIDGET_S: Final = 3.0
"""A fidget is over within this time."""

SAME_DEG: Final = 15.0
"""A limb that is off by less than this has not moved."""

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
        holds.append(Hold(float(track.time_s[frames[0]]), float(track.time_s[frames[-1]])))
    return tuple(hold for hold in _joined(holds, track) if hold.end_s - hold.start_s >= SHORTEST_S)


def _joined(stretches: list[Hold], track: Track) -> list[Hold]:
    """Stretches between which one arm or the head alone has moved, and come back, as one hold.

    A hand that goes through the hair is no new pose.
    """
    directions = limb_directions(track.joints)
    joined: list[Hold] = []
    for hold in stretches:
        before = joined[-1] if joined else None
        if before is not None and _is_fidget(before, hold, directions, track.time_s):
            joined[-1] = Hold(before.start_s, hold.end_s)
        else:
            joined.append(hold)
    return joined


def _is_fidget(
    before: Hold, after: Hold, directions: FloatArray, time_s: NDArray[np.float64]
) -> bool:
    if after.start_s - before.end_s > FIDGET_S:
        return False
    between = (time_s > before.end_s) & (time_s < after.start_s)
    if not np.isfinite(directions[between]).all():
        return False
    frames = [(time_s >= hold.start_s) & (time_s <= hold.end_s) for hold in (before, after)]
    one, other = (np.median(directions[inside], axis=0) for inside in frames)
    back = np.degrees(np.linalg.norm(other - one, axis=-1)).max() < SAME_DEG
    moved = np.degrees(np.linalg.norm(directions[between] - one, axis=-1)).max(axis=0, initial=0.0)
    far = frozenset(np.flatnonzero(moved > SAME_DEG).tolist())
    return bool(back and any(far <= part for part in _FIDGETS))


_FIDGETS: Final = tuple(
    frozenset(i for i, (_, end) in enumerate(LIMBS) if end in {*arm, H36m.NECK, H36m.HEAD})
    for arm in (
        (H36m.LEFT_SHOULDER, H36m.LEFT_ELBOW, H36m.LEFT_WRIST),
        (H36m.RIGHT_SHOULDER, H36m.RIGHT_ELBOW, H36m.RIGHT_WRIST),
    )
)
"""Limbs, by their number in `LIMBS`, that move while a hand goes through the hair."""


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
