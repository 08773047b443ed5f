"""How well a student is followed: the lag while they move, and how soon after a break."""

from typing import Final

import numpy as np

from scripts.cue_scores.figure import Array
from scripts.cue_scores.sessions import Session

NEAR_S: Final = 0.5
"""So near the true place, or in the hold that the student is in, is where the student is."""
STAYS_S: Final = 1.0
"""Who is found has to be found for so long."""
NEVER_S: Final = 15.0
"""Who has not been found after this is not found."""
SETTLED_S: Final = 10.0
"""The lag is judged from here on: nobody can know it before the first transition."""


def lag_errors(session: Session, routine_t: Array) -> tuple[Array, int]:
    """Seconds by which the place is off while the student moves, as far as it is said.

    Returns:
        (N,) absolute errors, and in how many frames of these transitions nothing is said.
    """
    place = session.place_s
    moves = session.instructor.score.moves(np.nan_to_num(place))
    counts = moves & np.isfinite(place) & (session.played.t >= SETTLED_S)
    off = np.abs(routine_t - place)[counts]
    said = np.isfinite(off)
    return off[said], int((~said).sum())


def found_after(session: Session, routine_t: Array) -> list[float]:
    """Seconds from the moment at which a student follows again until they are found, and stay so.

    After a pause that is when the film goes on; after a skip, when the student has gone over to
    where it has jumped. `NEVER_S` where they are not found.
    """
    played, place = session.played, session.place_s
    score = session.instructor.score
    told, true = np.nan_to_num(routine_t, nan=-1e9), np.nan_to_num(place)
    same = score.hold_before(told) == score.hold_before(true)
    same &= ~score.moves(told) & ~score.moves(true)
    right = np.isfinite(place) & (same | (np.abs(told - true) <= NEAR_S))
    starts = [end for _, end in played.pauses]
    starts += [_follows_again(session, at) for at in played.skips]
    took = []
    for start in starts:
        rows = np.flatnonzero((played.t >= start) & (played.t < start + NEVER_S))
        took.append(_first_lasting(played.t[rows], right[rows], start))
    return took


def _follows_again(session: Session, jump_s: float) -> float:
    after = (session.played.t >= jump_s) & np.isfinite(session.place_s)
    t = session.played.t[after]
    going = (session.played.t >= jump_s) & np.isnan(session.place_s)
    begins = session.played.t[going].max() if going.any() else jump_s
    return float(t[t >= begins][0]) if (t >= begins).any() else float(begins)


def _first_lasting(t: Array, right: np.ndarray, start: float) -> float:
    for i in np.flatnonzero(right):
        stays = (t >= t[i]) & (t <= t[i] + STAYS_S)
        if right[stays].all():
            return float(t[i] - start)
    return NEVER_S
