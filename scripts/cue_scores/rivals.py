"""Other ways to judge the same students: what the coach is compared with.

Each compares the student's angles with one frame of the instructor, that at which it takes the
student to be, and decides by the plain rule (`rule`); nobody waits until all keep still. Joints are
smoothed as the coach's are, hidden ones and arms without a plane are not judged.
`yoga-pose` is the error this project grew from, a pair of limbs at a time: what it calls degrees, a
difference of cosines times 57.3, is held against the same band. It cannot tell a direction.
"""

from typing import Final

import numpy as np

from coach_server.body.angles import Angle, joint_angles, wrap_degrees
from coach_server.body.keypoints import FloatArray
from coach_server.body.smoothing import OneEuro
from coach_server.body.yoga_pose import PAIRS, WINDOW
from coach_server.coaching.corrections import CORRECTIONS, correction
from coach_server.coaching.cue import Joint, Side
from scripts.cue_scores.coached import Outcome
from scripts.cue_scores.figure import Array
from scripts.cue_scores.rule import Told, decided
from scripts.cue_scores.seen import Seen
from scripts.cue_scores.warping import (
    SLOTS_S,
    Places,
    Reference,
    costs,
    defined,
    fixed_lag,
    nearest,
    warped,
)

LAG_S: Final = 0.8
SEEN_SCORE: Final = 0.35
"""A keypoint below this is hidden."""
YOGA_POSE: Final = "yoga-pose"
NAMES: Final = ("zero lag", "fixed lag .8 s", "nearest frame", "online warping", YOGA_POSE)

_NAMED: Final[tuple[tuple[Joint, Side], ...]] = (
    (Joint.HIP, Side.RIGHT),
    (Joint.KNEE, Side.RIGHT),
    (Joint.HIP, Side.LEFT),
    (Joint.KNEE, Side.LEFT),
    (Joint.TRUNK, Side.CENTER),
    (Joint.SHOULDER, Side.RIGHT),
    (Joint.ELBOW, Side.RIGHT),
    (Joint.SHOULDER, Side.LEFT),
    (Joint.ELBOW, Side.LEFT),
    (Joint.NECK, Side.CENTER),
)
"""What each pair of `yoga_pose.PAIRS` is about."""


def rivals(seen: Seen) -> dict[str, Outcome]:
    """What each of `NAMES` says of a student."""
    joints = _smoothed(seen)
    reference = Reference.of(seen.track)
    angles = defined(joint_angles(joints))
    found = costs(reference, angles, seen.player_t)
    places = {
        "zero lag": fixed_lag(reference, seen.player_t, 0.0),
        "fixed lag .8 s": fixed_lag(reference, seen.player_t, LAG_S),
        "nearest frame": nearest(found, reference, seen.player_t),
        "online warping": warped(found, reference, seen.player_t, seen.t),
    }
    judged = {name: _judged(seen, angles, reference, at) for name, at in places.items()}
    return judged | {YOGA_POSE: _yoga_pose(seen, reference)}


def _judged(seen: Seen, angles: FloatArray, reference: Reference, at: Places) -> Outcome:
    right = reference.angles[at]
    off = wrap_degrees(angles - right)
    off[~_visible(seen)] = np.nan

    def tell(frame: int, column: int) -> Told:
        angle = Angle(column)
        return correction(angle, float(off[frame, angle]), float(right[frame, angle]))

    cues = decided(seen.t, off, seen.runs, tell)
    return Outcome(cues, at / SLOTS_S, np.zeros(0))


def _yoga_pose(seen: Seen, reference: Reference) -> Outcome:
    """The pairs' differences of cosines, times 57.3, as its overlay has them: with zero lag."""
    at = fixed_lag(reference, seen.player_t, 0.0)
    right = seen.track.joints[reference.frame[at]]
    off = np.degrees(np.abs(_cosines(right) - _cosines(seen.joints)))
    filled = np.nan_to_num(off)
    rolling = np.stack(
        [np.convolve(column, np.ones(WINDOW), "full")[: len(off)] / WINDOW for column in filled.T],
        axis=1,
    )
    cues = decided(seen.t, rolling, seen.runs, lambda _frame, pair: (*_NAMED[pair], None))
    return Outcome(cues, at / SLOTS_S, np.zeros(0))


def _cosines(joints: FloatArray) -> Array:
    """(T, 10) of the angles between the limbs of each pair."""
    first, middle, last = np.array(PAIRS).T
    one = joints[:, first] - joints[:, middle]
    other = joints[:, middle] - joints[:, last]
    length = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return np.asarray(np.sum(one * other, axis=-1) / np.maximum(length, 1e-9), np.float64)


def _smoothed(seen: Seen) -> FloatArray:
    """(T, 17, 3) as the coach smooths them; NaN where nobody is found."""
    joints = np.full_like(seen.joints, np.nan)
    known, smoothing, before = np.isfinite(seen.joints).all(axis=(1, 2)), OneEuro(), -np.inf
    for i in np.flatnonzero(known).tolist():
        if seen.t[i] - before > 0.5:
            smoothing.reset()
        joints[i] = smoothing.step(seen.joints[i], float(seen.t[i]))
        before = float(seen.t[i])
    return joints


def _visible(seen: Seen) -> np.ndarray:
    """(T, 17) whether the keypoints on which an angle hangs are seen."""
    shown = seen.points[..., 2] >= SEEN_SCORE
    return np.stack([shown[:, _HANGS_ON[angle]].all(axis=1) for angle in Angle], axis=1)


def _hanging_on(angle: Angle) -> list[int]:
    joint, side = CORRECTIONS[angle].joint, CORRECTIONS[angle].side
    limb = {Joint.ELBOW: (5, 7, 9), Joint.SHOULDER: (5, 7), Joint.KNEE: (11, 13, 15)}
    limb |= {Joint.HIP: (11, 13)}
    trunk = (5, 6, 11, 12)
    if joint not in limb:
        return list(trunk)
    return [i + (side is Side.RIGHT) for i in limb[joint]] + list(trunk)


_HANGS_ON: Final = {angle: _hanging_on(angle) for angle in Angle}
