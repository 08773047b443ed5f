"""Things that come and last a while: sides exchanged, nobody found."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.studio.rotations import Array

LENGTHS_AT: Final = np.array([0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0])
"""Quantiles that are kept of how long episodes last."""
USUAL: Final = 300.0
"""Frames for which a condition has to be seen to be believed as much as all together are."""


@dataclass(frozen=True, slots=True)
class Episodes:
    """How often something begins, by condition (a view, a posture), and how long it lasts.

    Attributes:
        begins: (C,) chance of a frame in which it is not, that it begins in the next.
        lengths: (9,) frames that it lasts, at the quantiles `LENGTHS_AT`.
    """

    begins: Array
    lengths: Array

    def draw(self, rng: np.random.Generator, weights: Array) -> NDArray[np.bool_]:
        """(B, T) whether it is, given (B, T, C) how far each condition holds."""
        chance = weights @ self.begins
        batch, frames = chance.shape
        starts = rng.random((batch, frames)) < chance
        # The first frame is in the middle of things: an episode may have begun before.
        starts[:, 0] = rng.random(batch) < np.minimum(chance[:, 0] * self.mean_length, 1.0)
        lasts = np.interp(rng.random((batch, frames)), LENGTHS_AT, self.lengths)
        ends = np.where(starts, np.arange(frames) + np.maximum(np.round(lasts), 1.0), 0.0)
        is_on: NDArray[np.bool_] = np.maximum.accumulate(ends, axis=1) > np.arange(frames)
        return is_on

    @property
    def mean_length(self) -> float:
        """Frames."""
        return float(np.trapezoid(self.lengths, LENGTHS_AT))


def fit_episodes(
    is_on: NDArray[np.bool_], sequence: NDArray[np.intp], condition: NDArray[np.intp], count: int
) -> Episodes:
    """The episodes of (T,) frames, each in one of `count` conditions."""
    same = sequence[1:] == sequence[:-1]
    could = np.append(False, ~is_on[:-1] & same)
    begins = is_on & could
    usual = begins.sum() / max(could.sum(), 1)
    chances = np.empty(count)
    for c in range(count):
        here = condition == c
        chances[c] = (begins[here].sum() + USUAL * usual) / (could[here].sum() + USUAL)
    starts = np.flatnonzero(is_on & ~np.append(False, is_on[:-1] & same))
    stops = np.flatnonzero(is_on & ~np.append(is_on[1:] & same, False))
    lengths = stops - starts + 1.0 if len(starts) else np.ones(1)
    return Episodes(chances, np.quantile(lengths, LENGTHS_AT))
