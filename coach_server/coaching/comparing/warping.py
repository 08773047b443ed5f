"""Which moment of the instructor's film belongs to each of the student's: offline time warping.

Coarse to fine: first every row of the one film against every row of the other at a low rate, with
the yaw in closed form, so that it is a product of matrices; then at higher rates in a band about
what was found, by the live coach's own distance (`alignment.distances_deg`). So films of any
length take little memory.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.coaching.alignment import TRUNCATED_DEG_S, distances_deg
from coach_server.coaching.comparing.evenly import Evenly
from coach_server.coaching.comparing.path import Band, Places, about, cheapest, everything
from coach_server.coaching.comparing.straightened import straightened
from coach_server.coaching.routine import Mirror
from coach_server.coaching.track import Track

MOST_CELLS: Final = 4_000_000
"""Pairs of rows that are looked at where every row is compared with every other."""

LEVELS: Final = 8
"""Grids, each at half the rate of the one before: the last has a row in 8 s."""

RADIUS: Final = 12
"""Rows on either side of what a coarser grid has found, in which a finer one looks."""

UNSEEN_DEG: Final = 12.0
"""Cost of a row in which somebody is not seen: nothing for or against it."""

MIRRORED_DEG: Final = 1.0
"""The mirror image has to be so much nearer, in the mean, to be what the student does."""

SPEED_WEIGHT: Final = np.float32(0.4)
"""Degrees of pose that a degree a second of speed counts for: who keeps still is in no transition,
whatever their pose falls short of."""

_PAIRS: Final = 40_000
"""Pairs of rows compared at once."""


class Alignment(StrEnum):
    """Which frames belong together."""

    WARPED = "warped"
    """Those in which the same is done."""
    FRAMES = "frames"
    """Frame t and frame t, whatever is done in them: as yoga-pose had it."""


@dataclass(frozen=True, slots=True)
class Warp:
    """The student's film on the instructor's time.

    Attributes:
        routine_t: (T,) seconds of the instructor's film, never going back; NaN where the student's
            frame has no place in it.
        mirrored: whether the student's left goes with the instructor's right.
        distance_deg: mean distance of the limbs' directions along the way, degrees.
    """

    routine_t: NDArray[np.float64]
    mirrored: bool
    distance_deg: float


def frame_by_frame(instructor: Track, student: Track, *, mirrored: bool) -> Warp:
    """Frame t with frame t, as far as both films go."""
    both = min(len(instructor.time_s), len(student.time_s))
    routine_t = np.full(len(student.time_s), np.nan)
    routine_t[:both] = instructor.time_s[:both]
    return Warp(routine_t, mirrored, np.nan)


def is_mirrored(instructor: Track, student: Track, mirror: Mirror) -> bool:
    """Whether a student follows as in a mirror; by what they do where `mirror` is `auto`.

    Raises:
        ValueError: nobody is seen in one of them.
    """
    if mirror is not Mirror.AUTO:
        return mirror is Mirror.MIRRORED
    return _coarse(instructor, student, mirror).mirrored


def warped(instructor: Track, student: Track, mirror: Mirror) -> Warp:
    """The cheapest way through both films.

    Args:
        instructor: the reference.
        student: who follows it, somehow: later, slower, with stops, in part, as in a mirror.
        mirror: how their sides go together; `auto` takes the nearer.

    Raises:
        ValueError: nobody is seen in one of them.
    """
    found = _coarse(instructor, student, mirror)
    ours, theirs, level, path = found.ours, found.theirs, found.level, found.path
    while True:
        level -= 1
        band = about(_doubled(path, len(ours[level].seen)), RADIUS, len(theirs[level].seen))
        cost = _costs(theirs[level], ours[level], band)
        path, distance = cheapest(cost, band)
        if level == 0:
            break
    rows = straightened(path, cost, band)
    routine_t = _in_seconds(rows, student, instructor, ours[0].rate_hz)
    return Warp(routine_t, found.mirrored, distance)


def _levels(finest: Evenly) -> list[Evenly]:
    """From the finest grid to one of few rows."""
    levels = [finest]
    while len(levels) < LEVELS:
        levels.append(levels[-1].halved())
    return levels


@dataclass(frozen=True, slots=True)
class _Coarse:
    """The way through both films on a coarse grid.

    Attributes:
        theirs, ours: instructor and student on all grids, the finest first.
        level: the grid on which the way is.
        path: the way.
        distance: mean cost along it.
        mirrored: whether the instructor's mirror image is followed.
    """

    theirs: list[Evenly]
    ours: list[Evenly]
    level: int
    path: Places
    distance: float
    mirrored: bool


def _coarse(instructor: Track, student: Track, mirror: Mirror) -> _Coarse:
    """The way on the finest grid on which all rows can be compared; of the nearer side."""
    ours = _levels(Evenly.of(student))
    found: list[_Coarse] = []
    for mirrored in {Mirror.SAME: (False,), Mirror.MIRRORED: (True,)}.get(mirror, (False, True)):
        theirs = _levels(Evenly.of(instructor, mirrored=mirrored))
        level = 1
        while level < LEVELS - 1 and len(theirs[level].seen) * len(ours[level].seen) > MOST_CELLS:
            level += 1
        cost = _all_costs(theirs[level], ours[level])
        path, distance = cheapest(cost, everything(*cost.shape))
        found.append(_Coarse(theirs, ours, level, path, distance, mirrored))
    if len(found) > 1 and found[1].distance < found[0].distance - MIRRORED_DEG:
        return found[1]
    return found[0]


def _all_costs(theirs: Evenly, ours: Evenly) -> FloatArray:
    """(T, N) root mean square angle between the limbs of all rows, each pair turned to fit."""
    limbs = theirs.directions.shape[1]
    level = ours.directions[..., 1] @ theirs.directions[..., 1].T
    one, other = (d[..., 0] + 1j * d[..., 2] for d in (ours.directions, theirs.directions))
    fit = np.abs(one @ other.conj().T) + level
    chord = np.sqrt(np.clip(2.0 - 2.0 * fit / limbs, 0.0, 4.0))
    angle = np.degrees(2.0 * np.arcsin(chord / 2.0)).astype(np.float32)
    angle = np.asarray(np.hypot(angle, _speed_off(ours.speed[:, None], theirs.speed)), np.float32)
    angle[~ours.seen] = UNSEEN_DEG
    angle[:, ~theirs.seen] = UNSEEN_DEG
    return angle


def _costs(theirs: Evenly, ours: Evenly, band: Band) -> FloatArray:
    """(T, W) the live coach's distance of each row from those of its band."""
    count = len(ours.seen)
    cost = np.empty((count, band.width), np.float32)
    some = max(1, _PAIRS // band.width)
    shape = ours.directions.shape[1:]
    for start in range(0, count, some):
        columns = band.columns(slice(start, start + some))
        student = np.repeat(ours.directions[start : start + some], band.width, axis=0)
        candidates = theirs.directions[columns].reshape(-1, *shape)
        near = distances_deg(candidates, student).reshape(columns.shape)
        speed = ours.speed[start : start + some, None]
        near = np.hypot(near, _speed_off(speed, theirs.speed[columns]))
        near[~theirs.seen[columns]] = UNSEEN_DEG
        cost[start : start + some] = near
    cost[~ours.seen] = UNSEEN_DEG
    return cost


def _speed_off(ours: FloatArray, theirs: FloatArray) -> FloatArray:
    """What two speeds, degrees a second, differ by, as degrees of pose."""
    off: FloatArray = np.minimum(np.abs(ours - theirs), TRUNCATED_DEG_S) * SPEED_WEIGHT
    return off


def _doubled(path: Places, count: int) -> Places:
    """A way on a grid of twice as many rows."""
    finer = np.repeat(np.where(path < 0, -1, 2 * path), 2)[:count]
    finer[1::2] += finer[1::2] >= 0
    return finer


def _in_seconds(
    rows: NDArray[np.float64], student: Track, instructor: Track, rate_hz: float
) -> NDArray[np.float64]:
    """(T,) of the student's frames, from (G,) places in rows, NaN where there is none."""
    placed = np.flatnonzero(np.isfinite(rows))
    place = student.time_s * rate_hz - 0.5
    between = np.interp(place, placed, rows[placed])
    routine_t = np.clip((between + 0.5) / rate_hz, 0.0, instructor.time_s[-1])
    routine_t = np.maximum.accumulate(routine_t)
    routine_t[(place < placed[0] - 0.75) | (place > placed[-1] + 0.75)] = np.nan
    return np.asarray(routine_t, np.float64)
