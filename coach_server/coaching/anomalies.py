"""Finding what is not to be followed in a hold: the instructor away, misread, or out of their pose.

Each frame of a hold is compared with the median pose of the hold. A limb that points elsewhere for
a while has stumbled, gone through the hair or been misread; who looks at the track cannot tell
which, and need not: the pose of the hold is the same.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, label

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import LIMBS, limb_directions
from coach_server.coaching.holds import Hold
from coach_server.coaching.track import Track

AWAY_S: Final = 0.5
"""Who is out of view for less has been missed by the detector; the pose goes on."""

FAR_DEG: Final = 40.0
"""A limb so far from where it is held has left the pose, or is misread."""

ABOVE_UNREST: Final = 5.0
"""And so many times as far as it usually is from there, in this hold."""

STRETCHED: Final = 0.7
"""No bone grows or shrinks by this share; one that points at the camera seems to, by less."""

SHORTEST_S: Final = 0.25
"""What is shorter does not move a median, and is not seen."""

BRIDGED_S: Final = 0.4
"""Less than this between two parts is of the same anomaly."""

EDGE_S: Final = 0.7
"""What happens within this time of a hold's ends alone is the way into it or out of it."""

MOST: Final = 0.5
"""A hold that is out of its own pose for more than this share has no pose to be out of."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A stretch that is not to be followed, seconds on the routine's clock."""

    start_s: float
    end_s: float


def find_anomalies(track: Track, holds: tuple[Hold, ...]) -> tuple[Anomaly, ...]:
    """The anomalies within the holds of a track, in order, not overlapping."""
    directions = limb_directions(track.joints)
    lengths = _lengths(track.joints)
    found: list[Anomaly] = []
    for hold in holds:
        frames = np.flatnonzero((track.time_s >= hold.start_s) & (track.time_s <= hold.end_s))
        seen = track.present[frames] & np.isfinite(directions[frames]).all(axis=(1, 2))
        if not seen.any():
            found += [Anomaly(hold.start_s, hold.end_s)] if len(frames) else []
            continue
        out = _out_of_pose(directions[frames], seen) | _impossible(lengths[frames], seen)
        if np.count_nonzero(out) > MOST * np.count_nonzero(seen):
            out[:] = False
        time_s = track.time_s[frames]
        spans = [*_spans(~seen, time_s, AWAY_S, track.fps)]
        spans += [
            one
            for one in _spans(out, time_s, SHORTEST_S, track.fps)
            if one.end_s > hold.start_s + EDGE_S and one.start_s < hold.end_s - EDGE_S
        ]
        found += _united(spans)
    return tuple(found)


def _out_of_pose(directions: FloatArray, seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(T,) of (T, B, 3)."""
    held = np.median(directions[seen], axis=0)
    away = np.degrees(np.linalg.norm(directions - held, axis=-1))
    usual = np.median(away[seen], axis=0)
    far = np.any(away > np.maximum(FAR_DEG, ABOVE_UNREST * usual), axis=1)
    return np.asarray(far & seen, np.bool_)


def _impossible(lengths: FloatArray, seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(T,) of (T, B)."""
    usual = np.maximum(np.median(lengths[seen], axis=0), 1e-6)
    off = np.any(np.abs(lengths / usual - 1.0) > STRETCHED, axis=1)
    return np.asarray(off & seen, np.bool_)


def _lengths(joints: FloatArray) -> FloatArray:
    """(T, B) metres of (T, 17, 3)."""
    ends = joints[:, [end for _, end in LIMBS]]
    starts = joints[:, [start for start, _ in LIMBS]]
    lengths: FloatArray = np.linalg.norm(ends - starts, axis=-1)
    return lengths


def _spans(
    out: NDArray[np.bool_], time_s: NDArray[np.float64], least_s: float, fps: float
) -> list[Anomaly]:
    """The stretches that last, to the end of their last frame."""
    bridge = np.ones(max(1, round(BRIDGED_S * fps)))
    runs, count = label(binary_closing(out, structure=bridge, border_value=0) | out)
    spans = []
    for run in range(1, count + 1):
        frames = np.flatnonzero(runs == run)
        if out[frames].sum() / fps >= least_s:
            last_s = min(float(time_s[frames[-1]]) + 1.0 / fps, float(time_s[-1]))
            spans.append(Anomaly(float(time_s[frames[0]]), last_s))
    return spans


def _united(spans: list[Anomaly]) -> list[Anomaly]:
    united: list[Anomaly] = []
    for span in sorted(spans, key=lambda one: one.start_s):
        if united and span.start_s <= united[-1].end_s:
            united[-1] = Anomaly(united[-1].start_s, max(span.end_s, united[-1].end_s))
        else:
            united.append(span)
    return united
