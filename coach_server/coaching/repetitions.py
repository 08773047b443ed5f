"""Finding repetitions: stretches in which the instructor goes back and forth between two poses.

Where a body turns back is told along the direction in which its limbs move most (the first
principal component of their directions); that it comes back to the same pose, of all limbs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from coach_server.body.registration import limb_directions
from coach_server.coaching.holds import Hold
from coach_server.coaching.stillness import Floats, filled
from coach_server.coaching.track import Track

FEWEST: Final = 3
"""Twice may be chance."""

PAUSE_S: Final = 2.0
"""A hold no longer than this is a pause between two repetitions."""

CYCLE_S: Final = (0.8, 12.0)
"""The shortest and the longest repetition."""

WINDOW_S: Final = 12.0
"""So much is looked at at once: what moves most is another thing elsewhere in the film."""

SMOOTHING_S: Final = 0.15

SWING: Final = 0.6
"""Two poses are apart if the chords between their limbs' directions have this norm: a forearm that
turns by 35 degrees."""

SWING_SHARE: Final = 0.4
"""And if they are apart by this share of the movement's extent."""

SAME_POSE_DEG: Final = 20.0
"""Poses whose limbs differ by less than this, root mean square, are the same."""

UNEVEN: Final = 2.0
"""One repetition lasts up to so many times as long as the one before, or as short."""


@dataclass(frozen=True, slots=True)
class Repetitions:
    """A stretch of repeated movement, seconds on the routine's clock.

    Attributes:
        start_s, end_s: from where the first begins to where the last ends, or the film.
        count: how often the far pose is reached.
    """

    start_s: float
    end_s: float
    count: int


def find_repetitions(track: Track, holds: tuple[Hold, ...]) -> tuple[Repetitions, ...]:
    """The repetitions of a track in order; they do not overlap one another.

    They may hold short pauses of `holds`, but none that is longer than `PAUSE_S`.
    """
    if track.present.sum() < FEWEST:
        return ()
    found: list[Repetitions] = []
    for start_s, end_s in _moving(track, holds):
        spans: list[tuple[float, float]] = []
        for at_s in np.arange(start_s, max(end_s - WINDOW_S / 2.0, start_s + 0.1), WINDOW_S / 4.0):
            for one in _in_stretch(track, float(at_s), min(float(at_s) + WINDOW_S, end_s)):
                if spans and one.start_s <= spans[-1][1]:
                    spans[-1] = (min(spans[-1][0], one.start_s), max(spans[-1][1], one.end_s))
                else:
                    spans.append((one.start_s, one.end_s))
        for span in spans:
            found += _in_stretch(track, *span)
    return tuple(found)


def _moving(track: Track, holds: tuple[Hold, ...]) -> Iterator[tuple[float, float]]:
    """What lies between the holds that are longer than pauses; with a frame of both."""
    long = [hold for hold in holds if hold.end_s - hold.start_s > PAUSE_S]
    ends = [float(track.time_s[0]), *(hold.end_s for hold in long)]
    starts = [*(hold.start_s for hold in long), float(track.time_s[-1])]
    for end_s, start_s in zip(ends, starts, strict=True):
        if start_s - end_s >= (FEWEST - 1) * CYCLE_S[0]:
            yield end_s, start_s


def _in_stretch(track: Track, start_s: float, end_s: float) -> Iterator[Repetitions]:
    inside = (track.time_s >= start_s) & (track.time_s <= end_s)
    if track.present[inside].sum() < FEWEST:
        return
    time_s = track.time_s[inside]
    poses = filled(limb_directions(track.joints[inside]), track.present[inside])
    poses = gaussian_filter1d(poses, SMOOTHING_S * track.fps, axis=0)
    turns = _turns(poses)
    for first, last in _chains(turns, poses, time_s):
        count = (last - first + 1) // 2
        if count >= FEWEST:
            is_far = (last - first) % 2 == 1
            end = turns[min(last + is_far, len(turns) - 1)]
            yield Repetitions(float(time_s[turns[first]]), float(time_s[end]), count)


def _turns(poses: Floats) -> NDArray[np.intp]:
    """Frames at which the movement turns back, with the first and the last frame."""
    flat = poses.reshape(len(poses), -1)
    flat = flat - flat.mean(axis=0)
    way = flat @ np.linalg.svd(flat, full_matrices=False)[2][0]
    extent = float(np.ptp(np.percentile(way, (5, 95))))
    swing = max(SWING, SWING_SHARE * extent)
    peaks = [find_peaks(sign * way, prominence=swing)[0] for sign in (1.0, -1.0)]
    inner = np.sort(np.concatenate(peaks))
    return np.unique(np.concatenate([[0], inner, [len(poses) - 1]])).astype(np.intp)


def _chains(turns: NDArray[np.intp], poses: Floats, time_s: Floats) -> Iterator[tuple[int, int]]:
    """First and last of turns in a row of which each is in the pose of the one before the last."""
    first = 0
    for last in range(len(turns)):
        is_last = last + 1 == len(turns)
        if not is_last and (last + 1 - first < 2 or _comes_back(turns, last + 1, poses, time_s)):
            continue
        yield first, last
        first = last


def _comes_back(turns: NDArray[np.intp], turn: int, poses: Floats, time_s: Floats) -> bool:
    apart = poses[turns[turn]] - poses[turns[turn - 2]]
    if np.degrees(np.sqrt((apart**2).sum(axis=-1).mean())) >= SAME_POSE_DEG:
        return False
    took_s = time_s[turns[turn]] - time_s[turns[turn - 2]]
    if not CYCLE_S[0] <= took_s <= CYCLE_S[1]:
        return False
    if turn < 4 or turn + 1 == len(turns):  # who starts or ends at rest may take their time
        return True
    before_s = time_s[turns[turn - 1]] - time_s[turns[turn - 3]]
    return bool(1.0 / UNEVEN <= took_s / before_s <= UNEVEN)
