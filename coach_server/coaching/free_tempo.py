"""Where a student is who keeps their own time: online time warping with a band.

After Dixon (2005), "Live tracking of musical performances using on-line time warping": of the ways
through the routine that led to here the cheapest is kept, within a band about the last place. A
student may stop (the place stays), go on slower or up to twice as fast. Who skips is found again by
a match of the last seconds with the whole routine; the film can wait for who is behind.
"""

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from coach_server.body.keypoints import FloatArray
from coach_server.coaching.alignment import Match, distances_deg
from coach_server.coaching.resampled import SLOTS_S, Resampled

BACK_S, ON_S = 2.0, 4.0
"""The band: so far before and beyond the last place a student is looked for."""

STOPPING_DEG: Final = 0.7
"""Cost of a step that does not go on at the film's pace, beside what poses cost."""

ON_THE_WAY_DEG: Final = 12.0
"""Cost of being on the way for who keeps still: a pose that falls short is not the way to it."""

LEAVING_DEG: Final = 2.0
"""Cost of leaving a hold before or after the film does."""

LOST_DEG: Final = 14.0
"""Nothing in the band is nearer than this: the student does something else, or is elsewhere."""

FROZEN_DEG: Final = 24.0
"""From here on the place is not moved at all."""

LOST_S: Final = 1.5
"""After so long a student who is lost is looked for in the whole routine."""

LOOKED_AT_HZ: Final = 5
"""The rows of the last seconds that are looked for, a second."""

LOOKED_AT_S: Final = 2.0
NEARER_DEG: Final = 6.0
"""So much nearer the last seconds have to be to another place for the student to be there."""

BEHIND_S, CAUGHT_UP_S = 1.5, 0.5
"""The film waits for who is further behind than the first, until they are nearer than the other."""

HELD_S: Final = 0.5
"""Places as cheap as the cheapest within this reach belong together."""

CHEAP_DEG: Final = 3.0
"""What costs so little more than the cheapest place is believed in as well."""


class FreeTempo:
    """Follows one student through one routine by what they do alone.

    Args:
        routine: the instructor as the student is to follow them.
    """

    def __init__(self, routine: Resampled) -> None:
        self._routine = routine
        self._count = len(routine.present)
        rows = slice(None, None, SLOTS_S // LOOKED_AT_HZ)
        self._sparse = routine.directions[rows]
        self.waits = False
        self.reset()

    def reset(self, at_s: float = 0.0) -> None:
        """Begin anew at a place, seconds on the routine's clock: the player has been moved."""
        self._low = self._place = min(max(round(at_s * SLOTS_S), 0), self._count - 1)
        self._cost: NDArray[np.float64] | None = None
        self._t: float | None = None
        self._lost_s = 0.0
        self._past: deque[tuple[float, float, FloatArray]] = deque(
            maxlen=round(LOOKED_AT_S * LOOKED_AT_HZ)
        )

    def step(
        self, directions: FloatArray, t: float, player_t: float, *, still: bool
    ) -> Match | None:
        """Where the student is; the student's own speed is no sign of it.

        Args:
            directions: (B, 3) the student's limbs, as `limb_directions` gives them.
            t: seconds since the student's first frame, increasing.
            player_t: the player's time, seconds on the routine's clock: what the lag is told by.
            still: whether the student keeps still.

        Returns:
            None where the instructor is not seen in the whole band.
        """
        if self._t is None:
            self.reset(player_t)
        passed = 1 / SLOTS_S if self._t is None else min(max(t - self._t, 1e-3), 0.5)
        self._t = t
        low = max(self._place - round(BACK_S * SLOTS_S), 0)
        high = min(self._leaving(self._place) + round(ON_S * SLOTS_S), self._count - 1)
        window = slice(low, high + 1)
        near = distances_deg(self._routine.directions[window], directions).astype(np.float64)
        near[~self._routine.present[window]] = np.inf
        if still:
            near[self._routine.near_hold[window] < 0] += ON_THE_WAY_DEG
        if not np.isfinite(near).any():
            return None
        nearest = float(near.min())
        if nearest < FROZEN_DEG:
            self._warp(near, low, passed)
        self._remember(directions, nearest, t)
        self._seek_lost(nearest, passed)
        return self._match(near, low, player_t, still=still)

    def _warp(self, near: NDArray[np.float64], low: int, passed: float) -> None:
        """Take the cheapest way on by a frame; keeps the cost of each place of the band."""
        slots = max(passed * SLOTS_S, 1e-6)
        cost = np.full(len(near), np.inf)
        if self._cost is None:
            cost[self._place - low] = 0.0
        else:
            shift = low - self._low
            kept = self._cost[max(shift, 0) :]
            start = max(-shift, 0)
            kept = kept[: len(cost) - start]
            cost[start : start + len(kept)] = kept
        self._lengthen_holds(cost, low)
        stepped = np.full(len(near), np.inf)
        for step in range(2 * max(round(slots), 1) + 1):
            pace = abs(step / slots - 1.0) * STOPPING_DEG
            moved = np.full(len(near), np.inf)
            moved[step:] = cost[: len(cost) - step] + pace * min(slots, 1.0)
            np.minimum(stepped, moved, out=stepped)
        stepped += near * slots
        least = stepped.min()
        # what was believed fades: a pose held for a minute must not outweigh the next
        self._cost = (stepped - least) * 0.97**slots if np.isfinite(least) else None
        self._low = low
        if self._cost is not None:
            self._place = low + int(np.argmin(self._cost))

    def _leaving(self, place: int) -> int:
        """The slot at which the hold ends that a place is in, or the place itself on the way."""
        hold = self._routine.near_hold[place]
        if hold < 0:
            return place
        inside = self._routine.near_hold[place:] == hold
        return place + (len(inside) - 1 if inside.all() else int(np.argmin(inside)))

    def _lengthen_holds(self, cost: NDArray[np.float64], low: int) -> None:
        """A hold lasts as long as the student makes it: it may be left from anywhere, in place."""
        holds = self._routine.near_hold[low : low + len(cost)]
        for hold in np.unique(holds[holds >= 0]):
            inside = holds == hold
            np.minimum(cost, cost[inside].min() + LEAVING_DEG, out=cost, where=inside)

    def _remember(self, directions: FloatArray, nearest_deg: float, t: float) -> None:
        if not self._past or t - self._past[-1][0] >= 1 / LOOKED_AT_HZ - 1e-6:
            self._past.append((t, nearest_deg, directions))

    def _seek_lost(self, nearest_deg: float, passed: float) -> None:
        """Look for who is lost in the whole routine; leave them where they were if in vain."""
        self._lost_s = self._lost_s + passed if nearest_deg > LOST_DEG else 0.0
        if self._lost_s < LOST_S or len(self._past) < (self._past.maxlen or 0):
            return
        self._lost_s = LOST_S - 0.5  # look again in half a second
        costs = np.stack([distances_deg(self._sparse, row) for _, _, row in self._past])
        ends = self._subsequence(costs.astype(np.float64))
        best = int(np.argmin(ends))
        here = sum(nearest for _, nearest, _ in self._past)
        if ends[best] + NEARER_DEG * len(self._past) < here:
            self._place = min(best * (SLOTS_S // LOOKED_AT_HZ), self._count - 1)
            self._cost = None
            self._lost_s = 0.0

    @staticmethod
    def _subsequence(costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N,) least cost of M rows (M, N) matched in order to a stretch that ends at each place.

        Steps of 0, 1 or 2 places a row: as the band's, at any place to begin with.
        """
        total: NDArray[np.float64] = costs[0].copy()
        for row in costs[1:]:
            before = np.concatenate([[np.inf], total[:-1]])
            twice = np.concatenate([[np.inf, np.inf], total[:-2]])
            total = row + np.minimum(np.minimum(total, before), twice)
        return total

    def _match(self, near: NDArray[np.float64], low: int, player_t: float, *, still: bool) -> Match:
        place_s = self._place / SLOTS_S
        behind = player_t - place_s
        self.waits = behind > (CAUGHT_UP_S if self.waits else BEHIND_S)
        cost = self._cost if self._cost is not None else np.where(near <= near.min(), 0.0, np.inf)
        believed = low + np.flatnonzero(cost <= CHEAP_DEG)
        believed = believed if len(believed) else np.array([self._place])
        nearest = believed[int(np.argmin(near[believed - low]))]
        hold = int(self._routine.near_hold[nearest]) if still else -1
        return Match(
            routine_t=place_s,
            lag_s=behind,
            hold=hold,
            distance_deg=float(near[nearest - low]),
            early_s=float(believed.min() / SLOTS_S),
            late_s=float(believed.max() / SLOTS_S),
        )
