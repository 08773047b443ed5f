"""How far behind the film a student is: a forward filter over the lag.

The player's clock is known, so the lag alone is unknown. It is believed in with a probability for
each thirtieth of a second from `AHEAD_S` before the player to `BEHIND_S` behind it, that walks at
random, is sharpened by what is seen, and keeps a small mass for having lost the student altogether.
In a hold all moments look alike: the belief then stays wide, and spreads.
"""

from typing import Final

import numpy as np

from coach_server.body.keypoints import FloatArray
from coach_server.coaching.alignment import Match, distances_deg, log_likelihood
from coach_server.coaching.resampled import SLOTS_S, Resampled

AHEAD_S: Final = 1.0
"""A student who knows what comes may be this far ahead of the player."""

BEHIND_S: Final = 4.0
"""A student who watches first may be this far behind."""

LAGS: Final = -round(AHEAD_S * SLOTS_S) + np.arange(round((AHEAD_S + BEHIND_S) * SLOTS_S) + 1)
"""The lags that are thought of, in slots."""

TYPICAL_LAG_S: Final = 0.8
TYPICAL_SPREAD_S: Final = 0.7
"""What is expected before anything is known."""

WALK_S: Final = 0.16
"""How far the lag goes in a second, one standard deviation: people hurry and dawdle."""

RESTART: Final = 0.04
"""Chance, a second, that what was believed says nothing any more."""

BELIEVED: Final = 0.5
"""The credible set has this mass."""

MOVED_DEG: Final = 10.0
"""Who has turned two limbs by more than this since they came into a hold has moved."""

STAYING_DEG: Final = 10.0
"""Cost of another hold for a student who has not moved since the last."""

ON_THE_WAY: Final = 120.0
"""Log of the odds, a second, against a student who keeps still being on the way to a hold."""

HOLD_MASS: Final = 0.25
"""A hold with less of the belief is not where the student is."""


class LagFilter:
    """Follows one student through one routine by the player's clock.

    Args:
        routine: the instructor as the student is to follow them.
    """

    def __init__(self, routine: Resampled) -> None:
        self._routine = routine
        spread = (LAGS / SLOTS_S - TYPICAL_LAG_S) / TYPICAL_SPREAD_S
        self._prior = np.exp(-0.5 * spread**2)
        self._prior[LAGS < 0] *= 0.5
        self._prior /= self._prior.sum()
        self._offsets = np.arange(-15, 16)
        self.evidence = 0.0
        self.reset()

    def reset(self) -> None:
        """Forget the lag: after a seek the old one says nothing."""
        self._belief = self._prior.copy()
        self._came: FloatArray | None
        self._at: tuple[float, float] | None = None
        self._held, self._came = -1, None  # the hold, and how the student came into it

    def step(
        self, directions: FloatArray, speed: float, t: float, player_t: float, *, still: bool
    ) -> Match | None:
        """Where the student is.

        Args:
            directions: (B, 3) the student's limbs, as `limb_directions` gives them.
            speed: degrees a second, as `Resampled.speed`.
            t: seconds since the student's first frame, increasing.
            player_t: the player's time, seconds on the routine's clock.
            still: whether the student keeps still.

        Returns:
            None where the instructor is not seen in the whole window.
        """
        self._predict(t, player_t)
        slots = round(player_t * SLOTS_S) - LAGS
        first, last = int(slots[-1]), int(slots[0])
        count = len(self._routine.present)
        low, high = max(first, 0), min(last, count - 1)
        if low > high or not self._routine.present[low : high + 1].any():
            return None
        window = slice(low, high + 1)
        distance = np.full(len(LAGS), np.inf, np.float32)
        told = np.full(len(LAGS), -np.inf)
        # the routine runs on as the lag shrinks: slots of a window are in reverse order of lags
        inside = slice(last - high, last - low + 1)
        near = distances_deg(self._routine.directions[window], directions)[::-1]
        holds = self._routine.near_hold[window][::-1]
        believed = near
        if self._stays(directions, still=still) and (holds == self._held).any():
            believed = near + np.float32(STAYING_DEG) * (holds != self._held)
        present = self._routine.present[window][::-1]
        distance[inside] = np.where(present, near, np.inf)
        likely = log_likelihood(
            believed, len(directions), self._routine.speed[window][::-1], speed, self._passed_s
        )
        if still:
            # a pose that falls short of the instructor's would else be taken for the way there
            likely = likely - (holds < 0) * (ON_THE_WAY * self._passed_s)
        told[inside] = np.where(present, likely, -np.inf)
        best = told.max()
        if not np.isfinite(best):
            return None
        joint = self._belief * np.exp(told - best)
        mass = joint.sum()
        self.evidence = float(best + np.log(max(mass, 1e-300)))
        if mass <= 0:
            self._belief = self._prior.copy()
        else:
            self._belief = joint / mass
        match = self._match(distance, np.clip(slots, 0, count - 1), player_t, still=still)
        if match.hold != self._held:
            self._held, self._came = match.hold, directions
        return match

    def _stays(self, directions: FloatArray, *, still: bool) -> bool:
        """Whether the student is as they came into their hold: one gets to another by moving."""
        if not still or self._held < 0 or self._came is None:
            return False
        turned = np.degrees(np.linalg.norm(directions - self._came, axis=-1))
        return bool(np.partition(turned, -2)[-2] < MOVED_DEG)

    def _predict(self, t: float, player_t: float) -> None:
        """What is believed before the frame is looked at."""
        if self._at is None:
            self._passed_s = 1.0 / SLOTS_S
            self._at = t, player_t
            return
        passed = min(max(t - self._at[0], 1e-3), 1.0)
        moved = player_t - self._at[1]
        self._at, self._passed_s = (t, player_t), passed
        spread = max(WALK_S * np.sqrt(passed) * SLOTS_S, 0.35)
        kernel = np.exp(-0.5 * (self._offsets / spread) ** 2)
        if moved < 0.25 * passed:
            # the film stands still: who is behind comes nearer, at most as fast as the film went
            nearer = round(passed * SLOTS_S)
            kernel += np.exp(-0.5 * ((self._offsets + nearer) / spread) ** 2)
        belief = np.convolve(self._belief, kernel / kernel.sum(), "same")
        lost = 1.0 - (1.0 - RESTART) ** passed
        self._belief = (1.0 - lost) * belief / belief.sum() + lost * self._prior

    def _match(
        self, distance: FloatArray, slots: np.ndarray, player_t: float, *, still: bool
    ) -> Match:
        belief = self._belief
        order = np.argsort(-belief, kind="stable")
        within = order[: int(np.searchsorted(np.cumsum(belief[order]), BELIEVED)) + 1]
        nearest = within[int(np.argmin(distance[within]))]
        middle = int(np.searchsorted(np.cumsum(belief), 0.5))
        lag_s = float(LAGS[middle] / SLOTS_S)
        return Match(
            routine_t=player_t - lag_s,
            lag_s=lag_s,
            hold=self._hold(distance, slots) if still else -1,
            distance_deg=float(distance[nearest]),
            early_s=float(slots[within].min() / SLOTS_S),
            late_s=float(slots[within].max() / SLOTS_S),
        )

    def _hold(self, distance: FloatArray, slots: np.ndarray) -> int:
        """The hold that a still student is in: of those that are believed in, the nearest."""
        holds = self._routine.near_hold[slots]
        held = holds >= 0
        if not held.any():
            return -1
        near = holds[held]
        first = int(near.min())
        mass = np.bincount(near - first, self._belief[held])
        if mass.max() < HOLD_MASS:
            return -1
        nearest = np.full(len(mass), np.inf)
        np.minimum.at(nearest, near - first, distance[held])
        nearest[mass < HOLD_MASS] = np.inf
        return first + int(nearest.argmin())
