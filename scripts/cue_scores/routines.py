"""Routines: who holds which pose when, drawn from seeds; and instructors who do them."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from coach_server.body.angles import Angle
from scripts.cue_scores.figure import Array
from scripts.cue_scores.poses import AT_EASE, LEAST, MOST, ONE_SIDED, TWO_SIDED, mirrored

SEED: Final = 2026
LASTS_S: Final = 184.0
"""A routine is at least so long."""
HOLD_S: Final = (3.0, 8.0)
TRANSITION_S: Final = (1.5, 3.0)
AT_EASE_S: Final = 5.0
OWN_DEG: Final = 4.0
"""No two routines do a pose alike: each angle is off by so much, one standard deviation."""

FIDGETS_IN: Final = 0.35
"""Share of the long enough holds in which an instructor who fidgets does so."""
FIDGET_S: Final = 1.5
HAIR: Final = {
    Angle.LEFT_ELBOW_FLEXION: 130.0,
    Angle.LEFT_SHOULDER_ELEVATION: 110.0,
    Angle.LEFT_SHOULDER_PLANE: 60.0,
}
"""A left hand in the hair, degrees."""


@dataclass(frozen=True, slots=True)
class Fidget:
    """A hand that goes through the hair.

    Attributes:
        start_s: when it leaves its place, seconds on the routine's clock.
        side: 0 left, 1 right.
    """

    start_s: float
    side: int


@dataclass(frozen=True, slots=True)
class Score:
    """A routine as it is written: H poses, held in turn.

    Attributes:
        poses: (H, 17) degrees in the order of `Angle`.
        starts: (H,) seconds, when each is reached.
        ends: (H,) seconds, when each is left.
        fidgets: of the instructor.
    """

    poses: Array
    starts: Array
    ends: Array
    fidgets: tuple[Fidget, ...] = ()

    @property
    def duration_s(self) -> float:
        """The last pose is held to the end."""
        return float(self.ends[-1])

    def angles(self, at_s: Array) -> Array:
        """(T, 17) degrees at (T,) seconds: between poses all angles go with minimum jerk."""
        return self.between(self.poses, at_s)

    def between(self, values: Array, at_s: Array) -> Array:
        """(T, N) of (H, N) values that hold for a pose each, passing over as the poses do."""
        hold = self.hold_before(at_s)
        following = np.minimum(hold + 1, len(values) - 1)
        gap = np.maximum(self.starts[following] - self.ends[hold], 1e-9)
        share = eased((at_s - self.ends[hold]) / gap)[:, None]
        return np.asarray(values[hold] + share * (values[following] - values[hold]))

    def hold_before(self, at_s: Array) -> np.ndarray:
        """(T,) the hold that is on or was on last."""
        return np.maximum(np.searchsorted(self.starts, at_s, side="right") - 1, 0)

    def moves(self, at_s: Array) -> np.ndarray:
        """(T,) whether the time is in a transition."""
        return np.asarray(at_s > self.ends[self.hold_before(at_s)])

    def done(self, at_s: Array) -> Array:
        """(T, 17) what the instructor does: the same with the fidgets."""
        angles = self.angles(at_s)
        for fidget in self.fidgets:
            since = (at_s - fidget.start_s) / FIDGET_S
            share = np.where((since > 0) & (since < 1), eased(3 * since) * eased(3 - 3 * since), 0)
            for angle, there in HAIR.items():
                column = angle + fidget.side
                angles[:, column] += share * (there - angles[:, column])
        return angles


def eased(share: Array) -> Array:
    """Minimum jerk from 0 to 1, for shares below 0 and above 1 as well."""
    u = np.clip(share, 0.0, 1.0)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u**2))


def scores(count: int) -> list[Score]:
    """So many routines, always the same."""
    return [_drawn(number) for number in range(count)]


def fidgeting(score: Score, number: int) -> Score:
    """The routine with an instructor whose hand goes through the hair now and then."""
    rng = np.random.default_rng([SEED, 2, number])
    fidgets = []
    for start, end in zip(score.starts[1:], score.ends[1:], strict=True):
        room = end - start - FIDGET_S - 1.0
        if room > 0 and rng.random() < FIDGETS_IN:
            at = float(start + 0.5 + rng.uniform(0, room))
            fidgets.append(Fidget(at, int(rng.integers(2))))
    return replace(score, fidgets=tuple(fidgets))


def _drawn(number: int) -> Score:
    rng = np.random.default_rng([SEED, 1, number])
    poses, starts, ends = [AT_EASE], [0.0], [AT_EASE_S]
    deck: list[Array] = []
    while ends[-1] < LASTS_S:
        if not deck:
            deck = _deck(rng)
        pose = deck.pop()
        poses.append(np.clip(pose + rng.normal(0.0, OWN_DEG, len(Angle)), LEAST, MOST))
        starts.append(ends[-1] + rng.uniform(*TRANSITION_S))
        ends.append(starts[-1] + rng.uniform(*HOLD_S))
    return Score(np.array(poses), np.array(starts), np.array(ends))


def _deck(rng: np.random.Generator) -> list[Array]:
    """Every pose once, those of one side on either, in a random order."""
    every = [side(pose) for pose in ONE_SIDED.values() for side in (np.copy, mirrored)]
    every += TWO_SIDED.values()
    return [every[i] for i in rng.permutation(len(every))]
