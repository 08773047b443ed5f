"""Finding the holds of a routine: the stretches in which the instructor keeps still.

Offline: both directions of time are used. A hold is found where hardly anything moves; its ends are
where the movement before has come to rest and the one after begins, which is earlier and later than
where speed can be told from sway.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import LIMBS, limb_directions
from coach_server.body.skeleton import H36m
from coach_server.coaching.stillness import Floats, filled, movement
from coach_server.coaching.track import Track

STILL_DEG_S: Final = 5.0
"""Who moves slower than this keeps still: sway and breathing stay below, ways between above."""

RESTLESS_DEG_S: Final = 10.0
"""The same for a track that is never calmer than half of this."""

ABOVE_REST: Final = 5.0
"""Movement is so many times as fast as the calmest tenth of the track."""

SHORTEST_S: Final = 1.0
"""Shorter pauses are passed through, not held."""

REST_S: Final = 0.2
"""Shorter stretches are by chance."""

BRIDGED_S: Final = 1.0
"""What looks like motion, and is over within this time in the same pose, does not end a hold."""

SAME_POSE_DEG: Final = 20.0
"""Poses whose limbs differ by less than this, root mean square, are the same."""

POSE_S: Final = 0.8
"""A pose at the end of a stretch is the median of so much of it."""

FIDGET_S: Final = 3.0
"""A fidget is over within this time."""

SAME_DEG: Final = 15.0
"""A limb that is off by less than this has not moved."""

SMOOTHING_S: Final = 0.3
"""Standard deviation of the kernel that takes the detector's jitter out of the speed."""

BLINKS_S: Final = 0.35
"""Jumps of the detector that are over within half of this are no motion."""

EDGE_SMOOTHING_S: Final = 0.1
"""The same as `SMOOTHING_S` where ends of holds are told: more would wash them out."""

ON_THE_WAY_DEG_S: Final = 12.0
"""A movement that is about to begin has surely begun."""

FAST: Final = 3.0
"""It is well on its way once so many times as fast."""

RAMP: Final = 0.5
"""How long it has been going on before `ON_THE_WAY_DEG_S`, as a share of what a speed that grows
with the square of time (the begin of a movement of least jerk) would need from rest. Smoothing
has made up for the rest."""

LONGEST_RAMP_S: Final = 0.6
LOOK_BACK_S: Final = 0.3
LOOK_AHEAD_S: Final = 1.6
"""A movement that is not fast by then begins slowly, and where it was found."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch in which the instructor keeps still, seconds on the routine's clock."""

    start_s: float
    end_s: float


def find_holds(track: Track) -> tuple[Hold, ...]:
    """The holds of a track in order; none where no person is seen."""
    speed = movement(track, smoothing_s=SMOOTHING_S, blinks_s=BLINKS_S)
    seen = np.isfinite(speed)
    if not seen.any():
        return ()
    rest = ABOVE_REST * float(np.percentile(speed[seen], 10))
    runs, count = label(speed < np.clip(rest, STILL_DEG_S, RESTLESS_DEG_S))
    stretches = []
    for run in range(1, count + 1):
        frames = np.flatnonzero(runs == run)
        stretches.append(Hold(float(track.time_s[frames[0]]), float(track.time_s[frames[-1]])))
    joined = _joined([one for one in stretches if one.end_s - one.start_s >= REST_S], track)
    lasting = [hold for hold in joined if hold.end_s - hold.start_s >= SHORTEST_S]
    held = _with_true_ends(lasting, track)
    return tuple(hold for hold in held if hold.end_s - hold.start_s >= SHORTEST_S)


def _joined(stretches: list[Hold], track: Track) -> list[Hold]:
    """Stretches between which nothing but a blink or a fidget lies, as one hold.

    A hand that goes through the hair is no new pose: one arm or the head alone has moved, and come
    back. Nor is what all of the body would have to do in less time than it can.
    """
    directions = limb_directions(track.joints)
    calm = filled(directions, track.present)
    joined: list[Hold] = []
    for hold in stretches:
        before = joined[-1] if joined else None
        if before is not None and (
            _is_blink(before, hold, calm, track.time_s)
            or _is_fidget(before, hold, directions, track.time_s)
        ):
            joined[-1] = Hold(before.start_s, hold.end_s)
        else:
            joined.append(hold)
    return joined


def _is_blink(before: Hold, after: Hold, directions: Floats, time_s: Floats) -> bool:
    if after.start_s - before.end_s > BRIDGED_S:
        return False
    left = (time_s >= max(before.start_s, before.end_s - POSE_S)) & (time_s <= before.end_s)
    right = (time_s >= after.start_s) & (time_s <= min(after.end_s, after.start_s + POSE_S))
    apart = np.median(directions[left], axis=0) - np.median(directions[right], axis=0)
    return bool(np.degrees(np.sqrt((apart**2).sum(axis=-1).mean())) < SAME_POSE_DEG)


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


def _with_true_ends(holds: list[Hold], track: Track) -> list[Hold]:
    """The same, from where movement has come to rest to where it begins."""
    time_s, speed = track.time_s, movement(track, smoothing_s=EDGE_SMOOTHING_S)
    first, last = float(time_s[0]), float(time_s[-1])
    held = []
    for i, hold in enumerate(holds):
        before = holds[i - 1].end_s if i else first
        after = holds[i + 1].start_s if i + 1 < len(holds) else last
        start_s, end_s = hold.start_s, hold.end_s
        if start_s > first:
            back = Hold(-hold.end_s, -hold.start_s)
            start_s = -_onset(back, -(start_s + before) / 2.0, speed[::-1], -time_s[::-1])
        if end_s < last:
            end_s = _onset(hold, (end_s + after) / 2.0, speed, time_s)
        held.append(Hold(start_s, end_s))
    return held


def _onset(hold: Hold, until_s: float, speed: Floats, time_s: Floats) -> float:
    """When the movement after a hold begins; as found where none is seen until `until_s`."""
    until_s = min(max(until_s, hold.end_s + LOOK_BACK_S), hold.end_s + LOOK_AHEAD_S)
    near = (time_s >= hold.end_s - LOOK_BACK_S) & (time_s <= until_s)
    fast = np.flatnonzero(near & (speed >= FAST * ON_THE_WAY_DEG_S))
    if not len(fast) or not np.isfinite(speed[fast[0]]):
        return hold.end_s
    sure = int(fast[0])
    begun = sure
    while begun and speed[begun - 1] >= ON_THE_WAY_DEG_S and time_s[begun - 1] > hold.start_s:
        begun -= 1
    begun_s = _crossing(begun, ON_THE_WAY_DEG_S, speed, time_s)
    took_s = _crossing(sure, FAST * ON_THE_WAY_DEG_S, speed, time_s) - begun_s
    ramp_s = RAMP * max(took_s, 0.0) / (np.sqrt(FAST) - 1.0)
    return max(float(begun_s - min(ramp_s, LONGEST_RAMP_S)), hold.start_s)


def _crossing(frame: int, level: float, speed: Floats, time_s: Floats) -> float:
    """Between which frames a level is crossed, the later one given, to less than a frame."""
    if frame == 0 or not speed[frame - 1] < level <= speed[frame] < np.inf:
        return float(time_s[frame])
    share = (level - speed[frame - 1]) / (speed[frame] - speed[frame - 1])
    return float(time_s[frame - 1] + share * (time_s[frame] - time_s[frame - 1]))
