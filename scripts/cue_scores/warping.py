"""Where in the routine a student is, in the ways that the coach is compared with."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.angles import joint_angles, wrap_degrees
from coach_server.body.keypoints import FloatArray
from coach_server.coaching.track import Track
from scripts.cue_scores.figure import Array

SLOTS_S: Final = 30
AHEAD_S, BEHIND_S = 1.0, 4.0
"""A student is looked for so far before and after the film: the band."""
TRUNCATED_DEG: Final = 40.0
"""An angle further off than this counts no more."""
OFF_AXIS_DEG: Final = 35.0
"""An arm nearer to the axis of the trunk than this has no plane."""
CHUNK: Final = 600
"""Frames that are compared at once."""
Places = NDArray[np.intp]


def defined(angles: FloatArray) -> FloatArray:
    """The angles (..., 17), NaN for the plane of an arm that hangs or is stretched up."""
    known = angles.copy()
    for side in (0, 1):
        elevation = angles[..., 8 + side]
        off_axis = np.minimum(elevation, 180.0 - elevation)
        known[..., 10 + side][off_axis < OFF_AXIS_DEG] = np.nan
    return known


@dataclass(frozen=True, slots=True)
class Reference:
    """The instructor on a grid of `SLOTS_S` slots a second.

    Attributes:
        angles: (G, 17) degrees, as `defined` leaves them.
        frame: (G,) row of the track.
    """

    angles: FloatArray
    frame: Places

    @classmethod
    def of(cls, track: Track) -> "Reference":
        """The nearest frame for each slot."""
        slots = np.arange(int(track.time_s[-1] * SLOTS_S) + 1) / SLOTS_S
        frame = np.searchsorted(track.time_s, slots - 0.5 / track.fps)
        frame = np.clip(frame, 0, len(track.time_s) - 1)
        return cls(defined(joint_angles(track.joints))[frame], frame)

    def slot(self, routine_t: Array) -> Places:
        """(T,) slots at (T,) seconds."""
        return np.clip(np.round(routine_t * SLOTS_S), 0, len(self.angles) - 1).astype(np.intp)


def fixed_lag(reference: Reference, player_t: Array, lag_s: float) -> Places:
    """(T,) slots of a student who is always as far behind."""
    return reference.slot(player_t - lag_s)


def costs(reference: Reference, angles: FloatArray, player_t: Array) -> FloatArray:
    """(T, W) mean squared truncated difference from each slot of the band; inf beyond the film."""
    band = np.arange(-round(BEHIND_S * SLOTS_S), round(AHEAD_S * SLOTS_S) + 1)
    slots = np.round(player_t * SLOTS_S).astype(np.intp)[:, None] + band
    found = np.empty(slots.shape, np.float32)
    for first in range(0, len(slots), CHUNK):
        now = slice(first, first + CHUNK)
        rows = np.clip(slots[now], 0, len(reference.angles) - 1)
        off = wrap_degrees(angles[now, None, :] - reference.angles[rows])
        np.clip(np.abs(off), 0.0, TRUNCATED_DEG, out=off)
        known = np.isfinite(off)
        total = np.where(known, off * off, 0.0).sum(axis=-1)
        found[now] = total / np.maximum(known.sum(axis=-1), 1)
    found[(slots < 0) | (slots >= len(reference.angles))] = np.inf
    return found


def nearest(found: FloatArray, reference: Reference, player_t: Array) -> Places:
    """(T,) the slot of the band that looks most alike."""
    start = np.round((player_t - BEHIND_S) * SLOTS_S).astype(np.intp)
    slots: Places = np.clip(start + found.argmin(axis=1), 0, len(reference.angles) - 1)
    return slots


def warped(found: FloatArray, reference: Reference, player_t: Array, t: Array) -> Places:
    """(T,) by online time warping with a band about the film (Dixon 2005).

    Of the ways to each slot of the band the cheapest is kept; the student stops, or goes on at up
    to twice the film's pace. The place is the end of the cheapest way so far.
    """
    start = np.round((player_t - BEHIND_S) * SLOTS_S).astype(np.intp)
    total = found[0].astype(np.float64)
    places = np.empty(len(t), np.intp)
    places[0] = start[0] + int(np.argmin(total))
    for i in range(1, len(t)):
        moved = int(start[i] - start[i - 1])
        steps = 2 * max(round((t[i] - t[i - 1]) * SLOTS_S), 1)
        best = np.full(len(total), np.inf)
        for step in range(steps + 1):
            np.minimum(best, _shifted(total, step - moved), out=best)
        seen = np.where(np.isnan(found[i]), 0.0, found[i])
        total = best + seen
        least = total.min()
        # after a jump no way leads into the band: begin anew
        total = total - least if np.isfinite(least) else seen.astype(np.float64)
        places[i] = start[i] + int(np.argmin(total))
    return np.clip(places, 0, len(reference.angles) - 1)


def _shifted(total: Array, by: int) -> Array:
    """What lies at i - `by` comes to i; inf where nothing does."""
    out = np.full(len(total), np.inf)
    if by >= 0:
        out[by:] = total[: len(total) - by]
    elif -by < len(total):
        out[:by] = total[-by:]
    return out
