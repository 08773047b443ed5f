"""Where in the routine the student is: the best instructor frame near the player's clock."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.body.registration import turned_towards
from coach_server.coaching.routine import Routine

AHEAD_S: Final = 1.0
"""A student who knows what comes may be this far ahead of the player."""

BEHIND_S: Final = 4.0
"""A student who watches first may be this far behind."""

DEPTH_WEIGHT: Final = 0.4
"""Weight of the part of a difference that lies along the camera axis: it is seen worst."""

TRUNCATED_DEG: Final = 40.0
"""A limb further off than this counts no more: one wrong limb must not move the match."""

TYPICAL_LAG_S: Final = 0.7
"""What is expected before anything is known."""

LAG_COST_DEG: Final = 1.5
"""Cost of one second's difference from the usual lag: a hold is full of equal frames."""

STAYING_DEG: Final = 10.0
"""Cost of another hold for a student who has not moved since the last: one gets there by moving."""

LEARNING: Final = 0.05
"""Share by which each frame of a transition, where lag shows, moves the usual lag."""


@dataclass(frozen=True, slots=True)
class Match:
    """The instructor's frame that the student is at.

    Attributes:
        frame: row of the routine's track.
        routine_t: its time, seconds on the routine's clock.
        lag_s: the player's time minus that, positive behind.
        hold: index of the hold the frame is in, -1 in a transition.
        distance_deg: root mean square of the limbs' (truncated) angular distances.
    """

    frame: int
    routine_t: float
    lag_s: float
    hold: int
    distance_deg: float


class Matcher:
    """Matches one student's frames with one routine; learns how far the student lags."""

    def __init__(self, routine: Routine) -> None:
        self._routine = routine
        self._usual_lag_s = TYPICAL_LAG_S
        self._held = -1  # the hold of the last frame, if the student has kept still since

    def match(self, directions: FloatArray, player_t: float, *, still: bool) -> Match | None:
        """The best frame from `BEHIND_S` before to `AHEAD_S` after the player's.

        A student who keeps still is matched with holds alone where the window has any: a pose
        that falls short of the instructor's would else be taken for the way there.

        Args:
            directions: (B, 3) the student's limbs, as `limb_directions` gives them.
            player_t: the player's time, seconds on the routine's clock.
            still: whether the student keeps still.

        Returns:
            None where the instructor is not seen in the whole window.
        """
        times = self._routine.track.time_s
        start = int(np.searchsorted(times, player_t - BEHIND_S))
        stop = int(np.searchsorted(times, player_t + AHEAD_S, side="right"))
        if start >= stop:
            return None
        candidates = self._routine.directions[start:stop]
        distance = _distance_deg(turned_towards(candidates, directions), directions)
        distance[~self._routine.track.present[start:stop]] = np.inf
        lag = player_t - times[start:stop]
        cost = distance + LAG_COST_DEG * np.abs(lag - self._usual_lag_s)
        if still:
            holds = self._routine.hold_of_frame[start:stop]
            if (holds >= 0).any():
                cost[holds < 0] = np.inf
            if self._held >= 0:
                cost[holds != self._held] += STAYING_DEG
        best = int(np.argmin(cost))
        if not np.isfinite(cost[best]):
            return None
        lag_s = float(lag[best])
        hold = int(self._routine.hold_of_frame[start + best])
        self._held = hold if still else -1
        if hold < 0:
            self._usual_lag_s += LEARNING * (lag_s - self._usual_lag_s)
        return Match(
            frame=start + best,
            routine_t=float(times[start + best]),
            lag_s=lag_s,
            hold=hold,
            distance_deg=float(distance[best]),
        )

    def reset(self) -> None:
        """Forget the lag and the hold: after a seek the old ones say nothing."""
        self._usual_lag_s = TYPICAL_LAG_S
        self._held = -1


def _distance_deg(candidates: FloatArray, student: FloatArray) -> FloatArray:
    """(N,) distances of (N, B, 3) candidates from the student's (B, 3) directions."""
    gap = candidates - student
    gap[..., 2] *= DEPTH_WEIGHT
    chord = np.sqrt(np.sum(gap * gap, axis=-1))
    angle = np.degrees(2 * np.arcsin(np.minimum(chord / 2, 1.0)))
    np.minimum(angle, TRUNCATED_DEG, out=angle)
    distance: FloatArray = np.sqrt(np.mean(angle * angle, axis=-1))
    return distance
