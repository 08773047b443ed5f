"""Students: how someone follows an instructor, and what is wrong with it."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from coach_server.coaching.cue import Direction, Side
from scripts.cue_scores.faults import ENTERED_S, MENDING_S, Fault, Slip, habit, slips
from scripts.cue_scores.figure import Array, Proportions
from scripts.cue_scores.manner import Manner
from scripts.cue_scores.playing import Played
from scripts.cue_scores.poses import LEAST, MIRRORED, MOST, TURNS_OVER, mirrored
from scripts.cue_scores.routines import SEED, Score, eased

LAG_S, LAG_SPREAD_S = 0.8, 0.35
LAG_WITHIN_S: Final = (0.1, 2.2)
WIDE_LAG_S: Final = (0.0, 2.5)
DRIFT_WITHIN_S: Final = (-0.6, 3.2)
"""Who keeps another tempo than the film catches up, or waits, before the lag leaves these."""
REACTION_S, GOING_OVER_S = 0.8, 1.5
"""When the film jumps the student notices, and goes over to the new pose."""
SWAYS: Final = 3
"""Sines of which the sway of an angle is made."""
SWAY_HZ: Final = (0.1, 0.6)


@dataclass(frozen=True, slots=True)
class Student:
    """One student in one session of T frames.

    Attributes:
        manner: how.
        proportions: of the body.
        yaw_deg: by which the student stands turned to the left.
        place_s: (T,) seconds on the routine's clock that the student is at; NaN while the student
            goes over to where the film has jumped.
        angles: (T, 17) degrees, in the student's own sides.
        faults: in the student's own sides.
    """

    manner: Manner
    proportions: Proportions
    yaw_deg: float
    place_s: Array
    angles: Array
    faults: tuple[Fault, ...]


def student(score: Score, manner: Manner, played: Played, number: int) -> Student:
    """The student of a number; with the same number lags, faults and body are the same."""
    rng = np.random.default_rng([SEED, 3, number])
    lag = _lag(score, manner, rng)
    arm, leg, trunk, near, side = rng.uniform(-1.0, 1.0, 5)
    body = Proportions(*(1.0 + manner.limbs * share for share in (arm, leg, trunk)))
    low, high = manner.yaw_deg
    yaw = float(np.copysign(low + abs(near) * (high - low), side))
    planned = slips(score, np.random.default_rng([SEED, 4, number]))
    if manner.habit is not None:
        planned = habit(score, *manner.habit)
    elif not manner.faulty:
        planned = ()
    old, new, going_over = _places(score, played, lag)
    angles = _done(score, planned, new)
    if played.skips:
        before = _done(score, planned, old)
        angles = before + eased(going_over)[:, None] * (angles - before)
    sways = sway(played.t, np.random.default_rng([SEED, 5, number])) * manner.sway_deg
    angles = np.clip(angles + sways, LEAST, MOST)
    known = np.where(going_over < 1.0, np.nan, new)
    faults = _faults(score, planned, played.t, new)
    if manner.mirrored:
        angles, faults = mirrored(angles), tuple(map(_mirrored, faults))
    return Student(manner, body, yaw, known, angles, faults)


def _lag(score: Score, manner: Manner, rng: np.random.Generator) -> Array:
    """(H,) seconds behind the film when it reaches each pose; between poses it changes evenly."""
    count = len(score.poses)
    usual = np.clip(rng.normal(LAG_S, LAG_SPREAD_S, count), *LAG_WITHIN_S)
    wide, ways = rng.uniform(*WIDE_LAG_S, count), rng.choice((-1.0, 1.0), count)
    if manner.wide_lag:
        return np.asarray(wide)
    if not manner.tempo:
        return np.asarray(usual)
    drifting = [LAG_S]
    for way, passed in zip(ways, np.diff(score.starts), strict=False):
        by = way * manner.tempo * passed
        low, high = DRIFT_WITHIN_S
        drifting.append(drifting[-1] + (by if low <= drifting[-1] + by <= high else -by))
    return np.array(drifting)


def _places(score: Score, played: Played, lags: Array) -> tuple[Array, Array, Array]:
    """Where the student is, seconds on the routine's clock.

    Returns:
        (T,) on the old way, (T,) on the new one, and (T,) the share, 0 to 1, to which they have
        gone over from one to the other.
    """
    t = played.t
    lag = np.interp(played.player_t, score.starts, lags)
    for start, end in played.pauses:
        held = (t >= start) & (t < end)
        lag[held] = np.minimum(lag[held], np.maximum(lag[held] - (t[held] - start), 0.0))
    aim = np.maximum(played.player_t - lag, 0.0)
    bounds = [0, *np.searchsorted(t, played.skips), len(t)]
    old, new, share = np.zeros((3, len(t)))
    for first, stop in pairwise(bounds):
        now = slice(first, stop)
        new[now] = np.maximum.accumulate(aim[now])
        old[now], share[now] = new[now], 1.0
        if first:
            since = t[now] - t[first]
            old[now] = new[first - 1] + since
            share[now] = np.clip((since - REACTION_S) / GOING_OVER_S, 0.0, 1.0)
    return old, new, share


def _done(score: Score, planned: tuple[Slip, ...], place: Array) -> Array:
    """(T, 17) degrees, faults included, at (T,) places."""
    angles = score.angles(place)
    for slip in planned:
        begin, arrive, leave, gone = _times(score, slip)
        on = eased((place - begin) / max(arrive - begin, 1e-9))
        off = eased((place - leave) / max(gone - leave, 1e-9))
        angles[:, slip.angle] += slip.degrees * (on - off)
    return angles


def _times(score: Score, slip: Slip) -> tuple[float, float, float, float]:
    """When a fault comes on, is there, begins to go and is gone, seconds of the routine."""
    hold, last = slip.hold, len(score.poses) - 1
    arrive, leave = float(score.starts[hold]), float(score.ends[hold])
    before = float(score.ends[hold - 1]) if hold else -1.0
    begin = max(arrive - ENTERED_S, before)
    if slip.mending_s is not None:
        return begin, arrive, slip.mending_s, slip.mending_s + MENDING_S
    after = float(score.starts[hold + 1]) if hold < last else leave + ENTERED_S
    return begin, arrive, leave, min(leave + ENTERED_S, after)


def _faults(score: Score, planned: tuple[Slip, ...], t: Array, place: Array) -> tuple[Fault, ...]:
    """The faults in the student's time; those that the session ends before are left out."""
    found = []
    for slip in planned:
        begin, arrive, leave, gone = _times(score, slip)
        rows = np.searchsorted(place, [begin, arrive, leave, gone])
        if rows[1] >= len(t):
            continue
        start, arrived, left, over = (float(t[min(row, len(t) - 1)]) for row in rows)
        mended = None if slip.mending_s is None else over
        joint, side, direction = slip.cue(score.poses[slip.hold])
        found.append(
            Fault(
                angle=slip.angle,
                degrees=slip.degrees,
                joint=joint,
                side=side,
                direction=direction,
                start=start,
                arrived=arrived,
                end=left if mended is None else mended,
                mended=mended,
            )
        )
    return tuple(found)


def sway(t: Array, rng: np.random.Generator) -> Array:
    """(T, 17) breathing and balancing, root mean square 1."""
    shape = (SWAYS, 1, len(Angle))
    hertz, phase = rng.uniform(*SWAY_HZ, shape), rng.uniform(0, 2 * np.pi, shape)
    waves = np.sin(2 * np.pi * hertz * t[:, None] + phase)
    return np.asarray(waves.sum(axis=0) * np.sqrt(2 / SWAYS))


_SIDES: Final = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
_WAYS: Final = {
    Direction.LEAN_LEFT: Direction.LEAN_RIGHT,
    Direction.LEAN_RIGHT: Direction.LEAN_LEFT,
    Direction.TURN_LEFT: Direction.TURN_RIGHT,
    Direction.TURN_RIGHT: Direction.TURN_LEFT,
}


def _mirrored(fault: Fault) -> Fault:
    return replace(
        fault,
        angle=Angle(MIRRORED[fault.angle]),
        degrees=-fault.degrees if fault.angle in TURNS_OVER else fault.degrees,
        side=_SIDES.get(fault.side, fault.side),
        direction=_WAYS.get(fault.direction, fault.direction),
    )
