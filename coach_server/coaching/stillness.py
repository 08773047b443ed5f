"""How fast the person of a track moves, of limbs in space and of keypoints in the picture at once.

Depth is what a lifter is least sure of, and a keypoint that is hidden jumps: both look like motion.
What truly moves does so in space and in the picture, and is seen.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from coach_server.body.registration import LIMBS, limb_directions
from coach_server.body.skeleton import LIMB_KEYPOINTS, Coco
from coach_server.coaching.track import Track

IN_SPACE: Final = 0.4
"""The share of the limbs in space; the rest is that of the picture, whose noise is smaller."""

DEG_A_HEIGHT: Final = 160.0
"""A keypoint that goes as far as the figure is high moves like a limb that turns by so much."""

UNSEEN, SEEN = 0.3, 0.8
"""Scores at which a keypoint counts for (almost) nothing, and in full."""

LEAST: Final = 0.02
SCORE_SMOOTHING_S: Final = 0.3

Floats = NDArray[np.float64]

_POINTS: Final = [Coco.NOSE, *LIMB_KEYPOINTS.values()]


def movement(track: Track, *, smoothing_s: float, blinks_s: float = 0.0) -> Floats:
    """(T,) degrees a second, about that of the limbs, root mean square; infinite with nobody there.

    Args:
        track: of the person.
        smoothing_s: standard deviation of the kernel that takes the jitter out.
        blinks_s: jumps that are over within half of this are left out.
    """
    if not track.present.any() or len(track.time_s) == 1:
        return np.full(len(track.time_s), np.inf)
    time_s = track.time_s
    frame_s = (time_s[-1] - time_s[0]) / (len(time_s) - 1)
    window = int(blinks_s / frame_s) // 2 * 2 + 1

    def speeds(rows: Floats) -> Floats:
        calm = median_filter(rows, size=(window, 1, 1)) if window > 1 else rows
        calm = gaussian_filter1d(calm, smoothing_s / frame_s, axis=0)
        speed: Floats = np.linalg.norm(np.gradient(calm, time_s, axis=0), axis=-1)
        return speed

    pixels = track.keypoints[:, _POINTS, :2]
    height = np.median(np.ptp(track.keypoints[track.present, :, :2], axis=1).max(axis=-1))
    sure = _sureness(track, frame_s)
    in_space = np.degrees(
        _mean(speeds(filled(limb_directions(track.joints), track.present)), _of_limbs(sure))
    )
    in_picture = _mean(speeds(filled(pixels, track.present)), sure[:, _POINTS])
    in_picture *= DEG_A_HEIGHT / max(float(height), 1.0)
    speed: Floats = in_space**IN_SPACE * in_picture ** (1.0 - IN_SPACE)
    speed[~track.present] = np.inf
    return speed


def filled(rows: NDArray[np.floating], present: NDArray[np.bool_]) -> Floats:
    """Rows in which somebody is there, and the last such row (or the first) in the others."""
    last = np.maximum.accumulate(np.where(present, np.arange(len(rows)), int(present.argmax())))
    return np.asarray(rows[last], np.float64)


def _sureness(track: Track, frame_s: float) -> Floats:
    share = (track.keypoints[..., 2].astype(np.float64) - UNSEEN) / (SEEN - UNSEEN)
    smooth: Floats = gaussian_filter1d(
        np.clip(share, LEAST, 1.0), SCORE_SMOOTHING_S / frame_s, axis=0
    )
    return smooth


def _of_limbs(sure: Floats) -> Floats:
    """(T, B) of (T, 17): as sure as the limb's end is, in full where that is no keypoint."""
    rows = [
        sure[:, LIMB_KEYPOINTS[end]] if end in LIMB_KEYPOINTS else np.ones(len(sure))
        for _, end in LIMBS
    ]
    return np.stack(rows, axis=1)


def _mean(speeds: Floats, weights: Floats) -> Floats:
    mean: Floats = np.sqrt((speeds**2 * weights).sum(axis=1) / weights.sum(axis=1))
    return mean
